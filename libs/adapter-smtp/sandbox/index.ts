export {
  type LoginAttempt,
  MailServer,
  type MailServerOptions,
  type ReceivedMessage,
  type Refusal,
} from './mail-server.ts';
export { SmtpSandbox, startSandbox } from './smtp-sandbox.ts';
