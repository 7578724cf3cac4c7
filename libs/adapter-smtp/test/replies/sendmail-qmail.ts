import { EXPECT, rowsOf } from './reply-row.ts';

const RULES = 'freebsd/freebsd-src: contrib/sendmail/cf/m4/proto.m4';
const SERVER = 'freebsd/freebsd-src: contrib/sendmail/src/srvrsmtp.c';
const QMAIL = 'icculus/netqmail: qmail-smtpd.c';
const CHKUSER = 'https://www.interazioni.it/opensource/chkuser/';

export const SENDMAIL = rowsOf(
  'Sendmail',
  RULES,
  [
    'any',
    '553 5.1.8 <news@sender.example>... Domain of sender address news@sender.example does not exist',
    EXPECT.sender,
  ],
  [
    'any',
    '451 4.1.8 <news@sender.example>... Domain of sender address news@sender.example does not resolve',
    EXPECT.senderForNow,
  ],
  ['mail', '501 5.1.8 <news@sender.example>... Sender domain must exist', EXPECT.sender, SERVER],
  ['mail', '553 5.5.4 <news>... Domain name required for sender address news', { ...EXPECT.sender, bounce: 'policy' }],
  ['any', '550 5.7.1 <reader@recipient.example>... Relaying denied', EXPECT.relay],
  ['any', '550 5.7.1 <reader@recipient.example>... Relaying denied. Proper authentication required.', EXPECT.login],
  [
    'any',
    '550 5.7.1 <reader@recipient.example>... Relaying denied. IP name lookup failed [192.0.2.25]',
    EXPECT.reverseDns,
  ],
  ['any', '550 5.7.1 Rejected: 192.0.2.25 listed at zen.spamhaus.org', EXPECT.client],
  [
    'any',
    '553 5.3.0 <news@sender.example>... Spam blocked see: http://spamcop.net/bl.shtml?192.0.2.25',
    { ...EXPECT.client, bounce: 'policy' },
  ],
  ['any', '550 5.7.1 Fix reverse DNS for 192.0.2.25', EXPECT.reverseDns],
  ['ehlo', '501 5.0.0 HELO requires domain address', EXPECT.helo, SERVER],
  ['greeting', '421 4.3.2 Connection rate limit exceeded.', EXPECT.rate],
  ['mail', '452 4.4.5 Insufficient disk space; try again later', EXPECT.trouble, SERVER],
  ['rcpt', '550 5.1.1 <reader@recipient.example>... User unknown', EXPECT.dead],
  ['rcpt', '550 5.0.0 <reader@recipient.example>... Access denied', { ...EXPECT.policy, bounce: 'policy' }],
  ['any', '552 5.2.3 <news@sender.example>... Message is too large; 20000000 bytes max', EXPECT.large, SERVER],
);

export const QMAIL_ROWS = rowsOf(
  'qmail',
  QMAIL,
  ['any', '553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)', EXPECT.sender],
  ['any', "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", EXPECT.relay],
  ['end', '552 sorry, that message size exceeds my databytes limit (#5.3.4)', EXPECT.large],
  ['end', '451 qq temporary problem (#4.3.0)', EXPECT.trouble],
  ['rcpt', '421 unable to read controls (#4.3.0)', EXPECT.trouble],
  ['rcpt', '550 sorry, no mailbox here by that name. (#5.1.1)', EXPECT.dead, CHKUSER],
  ['rcpt', '511 sorry, no mailbox here by that name (#5.1.1 - chkuser)', EXPECT.dead, CHKUSER],
  [
    'any',
    "511 sorry, can't find a valid MX for sender domain (#5.1.1 - chkuser)",
    { ...EXPECT.sender, bounce: 'policy' },
    CHKUSER,
  ],
  ['any', "550 5.1.8 sorry, can't find a valid MX for sender domain (chkuser)", EXPECT.sender, CHKUSER],
  ['any', '571 sorry, sender address has invalid format (#5.7.1 - chkuser)', EXPECT.sender, CHKUSER],
  ['any', '553 5.1.7 sorry, mailbox syntax not allowed (chkuser)', EXPECT.sender, CHKUSER],
  ['rcpt', '552 5.2.2 sorry, recipient mailbox is full (chkuser)', EXPECT.full, CHKUSER],
  [
    'rcpt',
    '550 5.5.3 sorry, reached maximum number of recipients allowed in one session (chkuser)',
    EXPECT.recipients,
    CHKUSER,
  ],
  ['any', '530 5.7.0 Authentication required (chkuser)', EXPECT.login, CHKUSER],
  [
    'any',
    '553 sorry, your envelope sender must exist (#5.7.1)',
    EXPECT.sender,
    'https://www.fehcom.de/ipnet/spamcontrol.html',
  ],
);
