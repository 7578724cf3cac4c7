// The vendors of this service, one line each.
export { SmtpAdapter } from '@score-crm/adapter-smtp';
