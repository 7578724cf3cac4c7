export { errorOf, failureOf } from './bench/failure.ts';
export { httpServer, type LoopbackServer, loopbackServer, tcpServer } from './bench/loopback-server.ts';
export { plainMessage, silentProbe, webhookRequest } from './bench/bench.ts';
export {
  CONFORMANCE_RULES,
  type ConformanceCheck,
  type ConformanceRule,
  type ConformanceSubject,
  type WebhookKey,
  type WebhookSubject,
} from './bench/conformance-rules.ts';
export { conformanceChecks } from './conformance-checks.ts';
