export { SmtpcomSettings } from './settings/smtpcom.settings.ts';
export { SmtpcomAdapter } from './smtpcom.adapter.ts';
