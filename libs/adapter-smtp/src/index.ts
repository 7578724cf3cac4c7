export { SMTP_PRESETS } from './settings/smtp.presets.ts';
export { SmtpSettings } from './settings/smtp.settings.ts';
export { SmtpAdapter } from './smtp.adapter.ts';
