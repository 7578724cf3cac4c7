export { SMTP_PRESETS } from './smtp.presets.ts';
export { SmtpSettings } from './smtp.settings.ts';
export { SmtpAdapter } from './smtp.adapter.ts';
