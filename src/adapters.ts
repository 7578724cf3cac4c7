// The vendors of this service, one line each.
export { MailgunAdapter } from '@score-crm/adapter-mailgun';
export { PostmarkAdapter } from '@score-crm/adapter-postmark';
export { SendgridAdapter } from '@score-crm/adapter-sendgrid';
export { SmtpAdapter } from '@score-crm/adapter-smtp';
export { SmtpcomAdapter } from '@score-crm/adapter-smtpcom';
export { SparkpostAdapter } from '@score-crm/adapter-sparkpost';
