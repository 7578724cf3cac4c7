import type { SettingsPreset } from '@score-crm/adapter-kit';

const ADDRESS_AND_APP_PASSWORD =
  'User name: the whole e-mail address. Password: an app password, made in the security settings of the account; the usual password is refused.';
const SENDGRID_NOTE = 'The user name is the word apikey itself. Password: an API key that may send mail.';
const SPARKPOST_NOTE =
  'The user name is SMTP_Injection itself. Password: an API key with the permission “Send via SMTP”.';
const MAILGUN_NOTE =
  'User name: postmaster@ and the sending domain, or another SMTP user of it. Password: that user’s SMTP password. An account of the other region is refused as a wrong password.';
const POSTMARK_NOTE = 'User name and password are the same: the API token of the Postmark server.';
const ZOHO_NOTE =
  'User name: the whole e-mail address. Password: that of the account, or an app password where two-factor sign-in is on. The end of the host follows the data centre of the account: .com, .eu, .in, .com.au, .jp and others.';

/** Well-known servers. Those that name no port 465 here are reached by STARTTLS, which `secure` requires. */
export const SMTP_PRESETS: readonly SettingsPreset[] = [
  account('gmail', 'Gmail', 'smtp.gmail.com', 465, `${ADDRESS_AND_APP_PASSWORD} Two-step verification must be on.`),
  account(
    'googleworkspace',
    'Google Workspace mailbox',
    'smtp.gmail.com',
    465,
    `${ADDRESS_AND_APP_PASSWORD} The administrator can forbid app passwords.`,
  ),
  {
    ...account(
      'googleworkspacerelay',
      'Google Workspace SMTP relay',
      'smtp-relay.gmail.com',
      587,
      'Set the HELO name, under the advanced settings, to one of your domains: the relay closes the connection on any other. The administrator sets up the relay. User name: the whole email address; password: an app password. Where this service’s address is allowed instead, choose no authentication.',
    ),
    needs: ['heloName'],
  },
  account(
    'microsoft365',
    'Microsoft 365',
    'smtp.office365.com',
    587,
    'User name: the whole address of the mailbox. Works only while the administrator allows SMTP AUTH for it. The sender must be the mailbox, or one that it may send as.',
  ),
  ...['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1'].map((region) =>
    account(
      `ses-${region}`,
      `Amazon SES (${region})`,
      `email-smtp.${region}.amazonaws.com`,
      587,
      'User name and password: SMTP credentials made in the SES console for this region; an AWS access key is something else. A sandbox account reaches verified recipients only.',
    ),
  ),
  account('mailgun', 'Mailgun (US)', 'smtp.mailgun.org', 587, MAILGUN_NOTE),
  account('mailgun-eu', 'Mailgun (EU)', 'smtp.eu.mailgun.org', 587, MAILGUN_NOTE),
  account('postmark', 'Postmark, transactional', 'smtp.postmarkapp.com', 587, POSTMARK_NOTE),
  account('postmark-broadcast', 'Postmark, broadcasts', 'smtp-broadcasts.postmarkapp.com', 587, POSTMARK_NOTE),
  account(
    'brevo',
    'Brevo',
    'smtp-relay.brevo.com',
    587,
    'User name: the SMTP login shown under “SMTP & API”. Password: an SMTP key, not an API key.',
  ),
  account('zoho', 'Zoho Mail, personal', 'smtp.zoho.com', 465, ZOHO_NOTE),
  account('zoho-pro', 'Zoho Mail, paid organization', 'smtppro.zoho.com', 465, ZOHO_NOTE),
  account('yahoo', 'Yahoo Mail', 'smtp.mail.yahoo.com', 465, ADDRESS_AND_APP_PASSWORD),
  account('icloud', 'iCloud Mail', 'smtp.mail.me.com', 587, ADDRESS_AND_APP_PASSWORD),
  account('fastmail', 'Fastmail', 'smtp.fastmail.com', 465, ADDRESS_AND_APP_PASSWORD),
  account('sendgrid', 'SendGrid by SMTP', 'smtp.sendgrid.net', 587, SENDGRID_NOTE, 'apikey'),
  account(
    'sendgrid-eu',
    'SendGrid by SMTP (EU)',
    'smtp.eu.sendgrid.net',
    587,
    `${SENDGRID_NOTE} The key must belong to an EU subuser.`,
    'apikey',
  ),
  account('sparkpost', 'SparkPost by SMTP', 'smtp.sparkpostmail.com', 587, SPARKPOST_NOTE, 'SMTP_Injection'),
  account('sparkpost-eu', 'SparkPost by SMTP (EU)', 'smtp.eu.sparkpostmail.com', 587, SPARKPOST_NOTE, 'SMTP_Injection'),
  account(
    'smtpcom',
    'SMTP.com by SMTP',
    'send.smtp.com',
    2525,
    'User name and password: those of the sender (channel), not the API key.',
  ),
  account('mailjet', 'Mailjet', 'in.mailjet.com', 587, 'User name: the API key. Password: the secret key.'),
  account(
    'mandrill',
    'Mailchimp Transactional (Mandrill)',
    'smtp.mandrillapp.com',
    587,
    'User name: any, such as the e-mail address of the account. Password: an API key.',
  ),
  account(
    'resend',
    'Resend',
    'smtp.resend.com',
    465,
    'The user name is the word resend itself. Password: an API key.',
    'resend',
  ),
  account(
    'mailtrap',
    'Mailtrap, sending',
    'live.smtp.mailtrap.io',
    587,
    'The user name is the word api itself. Password: an API token.',
    'api',
  ),
  account(
    'smtp2go',
    'SMTP2GO',
    'mail.smtp2go.com',
    2525,
    'User name and password: those of an SMTP user, made in the SMTP2GO account.',
  ),
  account(
    'mailersend',
    'MailerSend',
    'smtp.mailersend.net',
    587,
    'User name and password: generated for the domain in the MailerSend account.',
  ),
  {
    key: 'local',
    label: 'Local mail catcher',
    settings: { host: 'localhost', port: 1025, secure: false, authentication: 'none' },
    note: 'For development: Mailpit, MailHog and their like keep what they get and pass nothing on.',
  },
];

function account(
  key: string,
  label: string,
  host: string,
  port: number,
  note: string,
  username?: string,
): SettingsPreset {
  return { key, label, settings: { host, port, secure: true, ...(username === undefined ? {} : { username }) }, note };
}
