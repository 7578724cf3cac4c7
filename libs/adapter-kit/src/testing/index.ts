export { errorOf, failureOf } from './bench/failure.ts';
export { httpServer, type LoopbackServer, loopbackServer, tcpServer } from './bench/loopback-server.ts';
export { plainMessage, silentProbe } from './bench/messages.ts';
export { webhookRequest } from './bench/webhook-request.ts';
export type { ConformanceCheck } from './conformance-check.ts';
export { conformanceChecks } from './conformance-checks.ts';
export { CONFORMANCE_RULES, type ConformanceRule } from './conformance-rules.ts';
export type { ConformanceSubject, WebhookKey, WebhookSubject } from './conformance-subject.ts';
