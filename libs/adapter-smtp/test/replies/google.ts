import { EXPECT, rowsOf } from './reply-row.ts';

const CODES = 'https://support.google.com/a/answer/3726730';
const RELAY = 'https://support.google.com/a/answer/2956491';

export const GOOGLE = rowsOf(
  'Gmail and Google Workspace',
  CODES,
  [
    'ehlo',
    '421-4.7.0 Try again later, closing connection. (EHLO)\n421-4.7.0 For more information, go to\n421 4.7.0  https://support.google.com/a/answer/3221692 d9443c01a7336-example - gsmtp',
    EXPECT.helo,
    RELAY,
  ],
  ['ehlo', '421 4.7.0 Try again later, closing connection. (HELO) o24sm3175645oou.1 - gsmtp', EXPECT.helo, RELAY],
  ['greeting', '421 4.3.0 Temporary System Problem. Try again later. - gsmtp', EXPECT.trouble],
  [
    'any',
    '421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users\n421 4.7.28 mail sent from your IP address has been temporarily blocked. - gsmtp',
    { ...EXPECT.rate, bounce: 'block' },
  ],
  [
    'any',
    '550-5.7.1 Invalid credentials for relay [192.0.2.25]. The IP address you have\n550-5.7.1 registered in your Workspace SMTP Relay service does not match the domain of\n550 5.7.1 the account this email is being sent from. - gsmtp',
    EXPECT.relay,
    RELAY,
  ],
  [
    'any',
    '550 5.7.1 Mail relay denied [192.0.2.25]. Invalid credentials for relay for one of the domains - gsmtp',
    EXPECT.relay,
    RELAY,
  ],
  ['any', '550 5.4.5 Daily SMTP relay sending limit exceeded for user. - gsmtp', EXPECT.quota, RELAY],
  ['any', '550 5.4.5 Daily user sending limit exceeded. - gsmtp', EXPECT.quota],
  ['rcpt', '450 4.2.1 Peak SMTP relay limit exceeded for customer. - gsmtp', EXPECT.quota],
  [
    'any',
    '530-5.7.0 Authentication Required. For more information, go to\n530 5.7.0  https://support.google.com/mail/?p=WantAuthError - gsmtp',
    EXPECT.login,
  ],
  ['any', '530 5.7.0 Must issue a STARTTLS command first. - gsmtp', EXPECT.encrypt],
  [
    'auth',
    '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials - gsmtp',
    EXPECT.password,
  ],
  [
    'auth',
    '534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp',
    EXPECT.appPassword,
  ],
  ['auth', '454 4.7.0 Too many login attempts, please try again later. - gsmtp', EXPECT.rate],
  [
    'any',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\n550 5.7.26 SPF sender.example with ip: 192.0.2.25 = Did not pass - gsmtp',
    EXPECT.spf,
  ],
  [
    'any',
    '421-4.7.26 This mail has been rate limited because it is unauthenticated. Gmail\n421 4.7.26 requires all senders to authenticate with either SPF or DKIM. - gsmtp',
    { ...EXPECT.spf, retryable: true },
  ],
  [
    'any',
    "550-5.7.26 Unauthenticated email from sender.example is not accepted due to domain's\n550 5.7.26 DMARC policy. - gsmtp",
    EXPECT.spf,
  ],
  [
    'any',
    '550-5.7.25 [192.0.2.25] The IP address sending this message does not have a PTR record\n550 5.7.25 setup, or the corresponding forward DNS entry does not point to the sending IP. - gsmtp',
    EXPECT.reverseDns,
  ],
  [
    'any',
    '550-5.7.1 [192.0.2.25] Our system has detected that this message is likely suspicious due to\n550-5.7.1 the very low reputation of the sending IP address. To best protect our users\n550 5.7.1 from spam, the message has been blocked. - gsmtp',
    EXPECT.client,
  ],
  [
    'any',
    '550-5.7.1 This message is likely suspicious due to the very low reputation of the\n550 5.7.1 sending domain. - gsmtp',
    EXPECT.sender,
  ],
  [
    'end',
    '550-5.7.1 [192.0.2.25] Our system has detected that this message is likely unsolicited mail. To reduce\n550 5.7.1 the amount of spam sent to Gmail, this message has been blocked. - gsmtp',
    EXPECT.content,
  ],
  [
    'end',
    '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue. - gsmtp',
    EXPECT.content,
  ],
  [
    'end',
    '550-5.7.1 This message is not RFC 5322 compliant. There are multiple Subject headers.\n550 5.7.1 Therefore it has been blocked. - gsmtp',
    EXPECT.content,
  ],
  [
    'any',
    "552-5.2.3 Your message exceeded Google's message size limits. For more information, visit\n552 5.2.3  https://support.google.com/mail/?p=MaxSizeError - gsmtp",
    EXPECT.large,
  ],
  [
    'rcpt or end',
    "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n550 5.1.1 unnecessary spaces. - gsmtp",
    EXPECT.dead,
  ],
  [
    'rcpt or end',
    "552-5.2.2 The recipient's inbox is out of storage space and inactive. The account is over quota.\n552 5.2.2  https://support.google.com/mail/?p=OverQuotaPerm - gsmtp",
    EXPECT.full,
  ],
  ['rcpt', "452 4.2.2 The recipient's inbox is out of storage space. - gsmtp", EXPECT.later],
  [
    'rcpt',
    '450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time. - gsmtp',
    EXPECT.later,
  ],
  ['rcpt or end', '550 5.2.1 The email account that you tried to reach is inactive. - gsmtp', EXPECT.dead],
  ['rcpt', '452 4.5.3 Your message has too many recipients. - gsmtp', EXPECT.recipients],
  [
    'rcpt',
    '451 4.3.0 Multiple destination domains per transaction is unsupported. Please try again. - gsmtp',
    EXPECT.recipients,
  ],
);
