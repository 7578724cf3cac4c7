export { answers } from './answers.ts';
export { SANDBOX_KEYS, SparkpostSandbox, startSandbox } from './sparkpost-sandbox.ts';
export type { AcceptedMail, TransmissionJson } from './transmissions.ts';
export type { StoredWebhook } from './webhooks.ts';
