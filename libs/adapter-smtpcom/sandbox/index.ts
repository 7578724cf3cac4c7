export { answers, SANDBOX_CHANNELS, SANDBOX_KEYS } from './account.ts';
export type { AcceptedMail, MailJson } from './mail.ts';
export { SmtpcomSandbox, type SmtpcomSandboxOptions, startSandbox } from './smtpcom-sandbox.ts';
