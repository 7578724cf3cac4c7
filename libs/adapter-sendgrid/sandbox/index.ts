export { answers } from './answers.ts';
export { SANDBOX_KEYS } from './keys.ts';
export type { AcceptedMail, MailJson } from './mail-json.ts';
export { SendgridSandbox, startSandbox } from './sendgrid-sandbox.ts';
export type { SandboxEvent } from './mail-events.ts';
export { WebhookSigner } from './webhook-signer.ts';
export { vendorBody } from './vendor-body.ts';
