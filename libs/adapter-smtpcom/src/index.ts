export { SmtpcomAdapter } from './smtpcom.adapter.ts';
export { SmtpcomSettings } from './smtpcom.settings.ts';
