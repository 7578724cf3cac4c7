export { answers } from './answers.ts';
export { SANDBOX_CHANNELS, SANDBOX_KEYS } from './account.ts';
export type { AcceptedMail, MailJson } from './mail-json.ts';
export { SmtpcomSandbox, type SmtpcomSandboxOptions, startSandbox } from './smtpcom-sandbox.ts';
