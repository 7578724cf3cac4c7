export type { AcceptedMail } from './accepted-mail.ts';
export { answers } from './answers.ts';
export { SANDBOX_DOMAINS } from './domains.ts';
export { SANDBOX_KEYS } from './keys.ts';
export type { SandboxEvent } from './mail-events.ts';
export { MailgunSandbox, startSandbox } from './mailgun-sandbox.ts';
export { WebhookSigner } from './webhook-signer.ts';
