export type { AcceptedMail } from './accepted-mail.ts';
export { answers } from './answers.ts';
export { SANDBOX_KEYS } from './keys.ts';
export { SparkpostSandbox, startSandbox } from './sparkpost-sandbox.ts';
export type { TransmissionJson } from './transmission-json.ts';
export type { StoredWebhook } from './webhook-store.ts';
