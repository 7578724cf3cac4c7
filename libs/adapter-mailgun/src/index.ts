export { MailgunAdapter } from './mailgun.adapter.ts';
export { MailgunSettings } from './mailgun.settings.ts';
