export { errorOf, failureOf } from './bench/failure.ts';
export { httpServer, type LoopbackServer, loopbackServer, tcpServer } from './bench/loopback-server.ts';
export { plainMessage, silentProbe } from './bench/bench.ts';
export { webhookRequest } from './bench/bench.ts';
export type { ConformanceCheck } from './conformance-rules.ts';
export { conformanceChecks } from './conformance-checks.ts';
export { CONFORMANCE_RULES, type ConformanceRule } from './conformance-rules.ts';
export type { ConformanceSubject, WebhookKey, WebhookSubject } from './conformance-subject.ts';
