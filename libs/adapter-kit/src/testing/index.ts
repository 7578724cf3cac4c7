export type { ConformanceCheck } from './conformance-check.ts';
export { conformanceChecks } from './conformance-checks.ts';
export { CONFORMANCE_RULES, type ConformanceRule } from './conformance-rules.ts';
export type { ConformanceSubject, WebhookKey, WebhookSubject } from './conformance-subject.ts';
