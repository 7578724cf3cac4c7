import { EXPECT, rowsOf } from './reply-row.ts';

/** Services that send on behalf of their customers. */
export const PROVIDERS = [
  ...rowsOf(
    'Amazon SES',
    'https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html',
    ['auth', '535 Authentication Credentials Invalid', EXPECT.password],
    ['any', '530 Authentication required', { ...EXPECT.login, bounce: 'policy' }],
    ['end', '454 Throttling failure: Maximum sending rate exceeded.', EXPECT.rate],
    ['end', '454 Throttling failure: Daily message quota exceeded.', EXPECT.quota],
    [
      'end',
      '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: news@sender.example',
      EXPECT.unverified,
    ],
    [
      'end',
      '554 Access denied: User `arn:aws:iam::123456789012:user/crm` is not authorized to perform `ses:SendRawEmail` on resource',
      EXPECT.mayNotSend,
    ],
    [
      'end',
      '554 Message rejected: Sending paused for this account. For more information, please check the inbox',
      EXPECT.mayNotSend,
    ],
    ['greeting', '421 Too many concurrent SMTP connections', EXPECT.rate],
    ['end', '451 Temporary service failure', EXPECT.trouble],
  ),
  ...rowsOf(
    'SendGrid via SMTP',
    'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting',
    ['auth', '451 Authentication failed: Maximum credits exceeded', EXPECT.quota],
    ['auth', '535 Authentication failed: Bad username / password', EXPECT.password],
    ['any', '550 Unauthenticated senders not allowed', { ...EXPECT.login, bounce: 'policy' }],
    [
      'end',
      '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      EXPECT.unverified,
    ],
    ['any', '403 You are not authorized to send from that email address', { ...EXPECT.sender, bounce: 'policy' }],
    ['rcpt', '452 Too many recipients received this hour (throttled)', { ...EXPECT.quota, bounce: 'soft' }],
  ),
  ...rowsOf(
    'Mailgun via SMTP',
    'https://help.mailgun.com/hc/en-us/articles/202051664-My-domain-has-been-disabled-Now-what',
    [
      'end',
      '421 Domain sender.example is not allowed to send: Please activate your Mailgun account.',
      EXPECT.mayNotSend,
    ],
  ),
  ...rowsOf(
    'SMTP2GO',
    'https://support.smtp2go.com/hc/en-gb/articles/13990494697369-Common-Sending-Errors',
    ['any', '550 Relay access denied - please authenticate', { ...EXPECT.login, bounce: 'policy' }],
    ['end', '550 From header sender domain not verified', EXPECT.unverified],
    ['auth', '535 Incorrect authentication data', EXPECT.password],
    ['end', '550 From: address does not match the authenticated user', EXPECT.sender],
  ),
  ...rowsOf(
    'Zoho and ZeptoMail',
    'https://www.zoho.com/zeptomail/help/api/smtp-error-codes.html',
    ['any', '553 Relaying disallowed as news@sender.example', { ...EXPECT.sender, bounce: 'policy' }],
    ['auth', '535 Authentication Failed', EXPECT.password],
    [
      'any',
      '554 5.1.8 Sender Address Blocked',
      EXPECT.sender,
      'https://help.zoho.com/portal/en/community/topic/issue-with-outgoing-mail',
    ],
    [
      'end',
      '550 5.4.6 Unusual sending activity detected. Please try after some time.',
      EXPECT.mayNotSend,
      'https://help.zoho.com/portal/en/community/topic/unable-to-send-message-reason-550-5-4-6-unusual-sending-activity-detected',
    ],
    ['end', '552 5.7.1 virus Win.Test.EICAR_HDB-1 detected by Zoho Mail', EXPECT.content],
  ),
  ...rowsOf(
    'Yandex',
    'https://yandex.com/support/mail/mail-clients/error-messages.html',
    [
      'auth',
      '535 5.7.8 Error: authentication failed: This user does not have access rights to this service',
      EXPECT.switchedOff,
    ],
    ['end', '554 5.7.1 Message rejected under suspicion of SPAM', EXPECT.content],
  ),
];
