import { EXPECT, rowsOf } from './reply-row.ts';

const CHECK = 'vdukhovni/postfix: postfix/src/smtpd/smtpd_check.c';
const SMTPD = 'vdukhovni/postfix: postfix/src/smtpd/smtpd.c';

export const POSTFIX = rowsOf(
  'Postfix',
  CHECK,
  ['any', '550 5.1.8 <news@sender.example>: Sender address rejected: Domain not found', EXPECT.sender],
  ['any', '450 4.1.8 <news@sender.example>: Sender address rejected: Domain not found', EXPECT.senderForNow],
  [
    'any',
    '553 5.7.1 <news@sender.example>: Sender address rejected: not owned by user relay@sender.example',
    EXPECT.sender,
  ],
  ['any', '553 5.7.1 <news@sender.example>: Sender address rejected: not logged in', EXPECT.login],
  ['any', '554 5.7.1 <news@sender.example>: Sender address rejected: Access denied', EXPECT.sender],
  [
    'any',
    '504 5.5.2 <news@sender>: Sender address rejected: need fully-qualified address',
    { ...EXPECT.sender, bounce: 'policy' },
  ],
  [
    'any',
    '550 5.1.0 <news@sender.example>: Sender address rejected: User unknown in virtual mailbox table',
    { ...EXPECT.sender, bounce: 'policy' },
  ],
  [
    'any',
    '550 5.1.7 <news@sender.example>: Sender address rejected: undeliverable address: host mx.sender.example[192.0.2.7] said: 550 5.1.1 User unknown',
    EXPECT.sender,
  ],
  [
    'any',
    '450 4.1.7 <news@sender.example>: Sender address rejected: unverified address: Address verification in progress',
    EXPECT.senderForNow,
  ],
  [
    'any',
    '550 5.7.27 <news@sender.example>: Sender address rejected: Domain sender.example does not accept mail (nullMX)',
    EXPECT.sender,
  ],
  ['mail', '501 5.1.7 Bad sender address syntax', EXPECT.sender, SMTPD],
  ['any', '504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname', EXPECT.helo],
  ['any', '501 5.5.2 <crm_1>: Helo command rejected: Invalid name', EXPECT.helo],
  [
    'any',
    '450 4.7.1 <crm.sender.example>: Helo command rejected: Host not found',
    { ...EXPECT.helo, retryable: true, bounce: 'block' },
  ],
  ['any', '554 5.7.1 <localhost>: Helo command rejected: Access denied', { ...EXPECT.helo, bounce: 'block' }],
  ['ehlo', '504 5.5.2 <host>: Helo command rejected: need fully-qualified hostname', EXPECT.helo],
  [
    'ehlo',
    '450 4.7.1 <crm.sender.example>: Helo command rejected: Host not found',
    { ...EXPECT.helo, retryable: true },
  ],
  [
    'any',
    '450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.25]',
    { ...EXPECT.reverseDns, retryable: true },
  ],
  [
    'any',
    '450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.25]',
    { ...EXPECT.reverseDns, retryable: true },
  ],
  ['any', '554 5.7.1 <unknown[192.0.2.25]>: Client host rejected: Access denied', EXPECT.client],
  [
    'any',
    '554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.25',
    EXPECT.client,
  ],
  [
    'greeting',
    '554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.25',
    EXPECT.client,
  ],
  [
    'any',
    '554 5.7.1 Service unavailable; Unverified Client host [crm.sender.example] blocked using dbl.spamhaus.org',
    EXPECT.client,
  ],
  [
    'any',
    '554 5.7.1 Service unavailable; Sender address [news@sender.example] blocked using dbl.spamhaus.org',
    EXPECT.sender,
  ],
  [
    'any',
    '554 5.7.1 Service unavailable; Helo command [crm.sender.example] blocked using dbl.spamhaus.org',
    { ...EXPECT.helo, bounce: 'block' },
  ],
  ['any', '554 5.7.1 <reader@recipient.example>: Relay access denied', EXPECT.relay],
  ['any', '454 4.7.1 <reader@recipient.example>: Relay access denied', EXPECT.relay],
  ['any', '530 5.7.0 Must issue a STARTTLS command first', EXPECT.encrypt, SMTPD],
  ['any', '450 4.7.1 Error: too much mail from 192.0.2.25', { ...EXPECT.rate, bounce: 'block' }, SMTPD],
  ['greeting', '421 4.7.0 mx.recipient.example Error: too many connections from 192.0.2.25', EXPECT.rate, SMTPD],
  ['rcpt', '450 4.7.1 Error: too many recipients from 192.0.2.25', { ...EXPECT.rate, bounce: 'block' }, SMTPD],
  ['rcpt', '452 4.5.3 Error: too many recipients', EXPECT.recipients, SMTPD],
  [
    'rcpt or end',
    '550 5.1.1 <reader@recipient.example>: Recipient address rejected: User unknown in virtual mailbox table',
    EXPECT.dead,
  ],
  [
    'rcpt',
    '450 4.1.1 <reader@recipient.example>: Recipient address rejected: unverified address: Address verification in progress',
    EXPECT.later,
  ],
  ['rcpt', '450 4.1.2 <reader@recipient.example>: Recipient address rejected: Domain not found', EXPECT.later],
  [
    'rcpt',
    '556 5.1.10 <reader@recipient.example>: Recipient address rejected: Domain recipient.example does not accept mail (nullMX)',
    EXPECT.dead,
  ],
  ['rcpt', '504 5.5.2 <reader@recipient>: Recipient address rejected: need fully-qualified address', EXPECT.gone],
  ['rcpt', '501 5.1.3 Bad recipient address syntax', EXPECT.dead, SMTPD],
  [
    'rcpt',
    '450 4.2.0 <reader@recipient.example>: Recipient address rejected: Greylisted, see http://postgrey.example/help',
    EXPECT.later,
    'https://postgrey.schweikert.ch/',
  ],
  ['rcpt', '554 5.7.1 <reader@recipient.example>: Recipient address rejected: Access denied', EXPECT.policy],
  ['rcpt', '451 4.3.0 <reader@recipient.example>: Temporary lookup failure', EXPECT.trouble],
  [
    'rcpt',
    '451 4.3.5 <reader@recipient.example>: Recipient address rejected: Server configuration error',
    EXPECT.trouble,
  ],
  ['any', '452 4.3.1 Insufficient system storage', EXPECT.trouble],
  ['any', '552 5.3.4 Message size exceeds fixed limit', { ...EXPECT.large, bounce: 'policy' }],
  [
    'any',
    '550 5.7.23 <reader@recipient.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://spf.example/Why?s=helo;id=crm.sender.example',
    EXPECT.spf,
    'https://launchpad.net/pypolicyd-spf',
  ],
  [
    'end',
    '554 5.7.1 Message rejected as spam by the content filter',
    EXPECT.content,
    'vdukhovni/postfix: postfix/README_FILES/MILTER_README',
  ],
  [
    'rcpt',
    '553 5.6.7 Must declare SMTPUTF8 to send unicode address',
    { code: 'unsupported', fault: 'configuration', retryable: false, bounce: 'policy', hint: /ASCII/ },
    SMTPD,
  ],
  [
    'auth',
    '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6',
    EXPECT.password,
    'vdukhovni/postfix: postfix/src/smtpd/smtpd_sasl_glue.c',
  ],
  [
    'auth',
    '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
    EXPECT.trouble,
    'vdukhovni/postfix: postfix/src/smtpd/smtpd_sasl_glue.c',
  ],
);
