export { answers } from './answers.ts';
export { repeated, type SandboxEvent, vendorBody, WebhookSigner } from './events.ts';
export type { AcceptedMail, MailJson } from './mail.ts';
export { SANDBOX_KEYS, SendgridSandbox, startSandbox } from './sendgrid-sandbox.ts';
