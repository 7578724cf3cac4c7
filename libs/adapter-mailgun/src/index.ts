export { MailgunAdapter } from './mailgun.adapter.ts';
export { MailgunSettings } from './settings/mailgun.settings.ts';
