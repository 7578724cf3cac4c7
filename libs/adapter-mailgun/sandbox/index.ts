import type { StartSandbox } from '@score-crm/adapter-kit/sandbox';
import { MailgunSandbox } from './mailgun-sandbox.ts';

export { answers } from './answers.ts';
export { MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS, WEBHOOK_TYPES } from './mailgun-sandbox.ts';
export { WebhookSigner } from './webhook-signer.ts';

export const startSandbox: StartSandbox = (options) => new MailgunSandbox(options).start();
