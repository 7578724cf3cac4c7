import type { SettingsPreset } from '@score-crm/adapter-kit';

const ADDRESS_AND_APP_PASSWORD =
  'Username: the full email address. Password: an app password from the account’s security settings; the usual password is rejected.';
const SENDGRID_NOTE = 'Username: the word apikey. Password: an API key with permission to send mail.';
const SPARKPOST_NOTE = 'Username: SMTP_Injection. Password: an API key with the permission “Send via SMTP”.';
const MAILGUN_NOTE =
  'Username: postmaster@ followed by the sending domain, or another SMTP user of it. Password: that user’s SMTP password. An account of the other region is rejected as a wrong password.';
const POSTMARK_NOTE = 'Username and password are the same: the API token of the Postmark server.';
const ZOHO_NOTE =
  'Username: the full email address. Password: the account’s password, or an app password if two-factor sign-in is on. The ending of the host depends on the account’s data center: .com, .eu, .in, .com.au, .jp and others.';

/** Well-known servers. Those without port 465 here use STARTTLS, which `secure` requires. */
export const SMTP_PRESETS: readonly SettingsPreset[] = [
  account(
    'gmail',
    'Gmail',
    'smtp.gmail.com',
    465,
    `${ADDRESS_AND_APP_PASSWORD} Two-step verification must be turned on.`,
  ),
  account(
    'googleworkspace',
    'Google Workspace mailbox',
    'smtp.gmail.com',
    465,
    `${ADDRESS_AND_APP_PASSWORD} The administrator can disable app passwords.`,
  ),
  {
    ...account(
      'googleworkspacerelay',
      'Google Workspace SMTP relay',
      'smtp-relay.gmail.com',
      587,
      'Set the HELO name to one of your domains: the relay closes the connection for any other. The administrator sets up the relay. Username: the full email address. Password: an app password. If the relay allows this service’s IP address instead, set the authentication to “None”.',
    ),
    needs: ['heloName'],
  },
  withSettings(
    account(
      'microsoft365',
      'Microsoft 365',
      'smtp.office365.com',
      587,
      'Username: the full address of the mailbox. Requires SMTP AUTH, which the administrator can disable. The sender must be the mailbox itself, or one that it may send as. Microsoft 365 accepts three connections and 30 messages per minute.',
    ),
    // https://learn.microsoft.com/en-us/exchange/troubleshoot/send-emails/smtp-submission-improvements
    { maxConnections: 3 },
  ),
  ...['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1'].map((region) =>
    account(
      `ses-${region}`,
      `Amazon SES (${region})`,
      `email-smtp.${region}.amazonaws.com`,
      587,
      'Username and password: SMTP credentials created in the SES console for this region, not an AWS access key. A sandbox account can only send to verified recipients.',
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
    'Username: the SMTP login shown under “SMTP & API”. Password: an SMTP key, not an API key.',
  ),
  account('zoho', 'Zoho Mail, personal', 'smtp.zoho.com', 465, ZOHO_NOTE),
  account('zoho-pro', 'Zoho Mail, paid organization', 'smtppro.zoho.com', 465, ZOHO_NOTE),
  account('yahoo', 'Yahoo Mail', 'smtp.mail.yahoo.com', 465, ADDRESS_AND_APP_PASSWORD),
  account('icloud', 'iCloud Mail', 'smtp.mail.me.com', 587, ADDRESS_AND_APP_PASSWORD),
  account('fastmail', 'Fastmail', 'smtp.fastmail.com', 465, ADDRESS_AND_APP_PASSWORD),
  account('sendgrid', 'SendGrid via SMTP', 'smtp.sendgrid.net', 587, SENDGRID_NOTE, 'apikey'),
  account(
    'sendgrid-eu',
    'SendGrid via SMTP (EU)',
    'smtp.eu.sendgrid.net',
    587,
    `${SENDGRID_NOTE} The key must belong to an EU subuser.`,
    'apikey',
  ),
  account('sparkpost', 'SparkPost via SMTP', 'smtp.sparkpostmail.com', 587, SPARKPOST_NOTE, 'SMTP_Injection'),
  account(
    'sparkpost-eu',
    'SparkPost via SMTP (EU)',
    'smtp.eu.sparkpostmail.com',
    587,
    SPARKPOST_NOTE,
    'SMTP_Injection',
  ),
  account(
    'smtpcom',
    'SMTP.com via SMTP',
    'send.smtp.com',
    2525,
    'Username and password: those of the sender (channel), not the API key.',
  ),
  account('mailjet', 'Mailjet', 'in.mailjet.com', 587, 'Username: the API key. Password: the secret key.'),
  account(
    'mandrill',
    'Mailchimp Transactional (Mandrill)',
    'smtp.mandrillapp.com',
    587,
    'Username: any text, such as the account’s email address. Password: an API key.',
  ),
  account('resend', 'Resend', 'smtp.resend.com', 465, 'Username: the word resend. Password: an API key.', 'resend'),
  account(
    'mailtrap',
    'Mailtrap, sending',
    'live.smtp.mailtrap.io',
    587,
    'Username: the word api. Password: an API token.',
    'api',
  ),
  account(
    'smtp2go',
    'SMTP2GO',
    'mail.smtp2go.com',
    2525,
    'Username and password: those of an SMTP user created in the SMTP2GO account.',
  ),
  account(
    'mailersend',
    'MailerSend',
    'smtp.mailersend.net',
    587,
    'Username and password: generated for the domain in the MailerSend account.',
  ),
  {
    key: 'local',
    label: 'Local mail catcher',
    settings: { host: 'localhost', port: 1025, secure: false, authentication: 'none' },
    note: 'For development: Mailpit, MailHog and similar tools keep messages without delivering them.',
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

function withSettings(preset: SettingsPreset, settings: SettingsPreset['settings']): SettingsPreset {
  return { ...preset, settings: { ...preset.settings, ...settings } };
}
