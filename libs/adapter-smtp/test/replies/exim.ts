import { EXPECT, rowsOf } from './reply-row.ts';

const SMTP_IN = 'Exim/exim: src/src/smtp_in.c';
const DEFAULTS = 'Exim/exim: src/src/configure.default';
const CPANEL = 'https://docs.cpanel.net/knowledge-base/email/';

export const EXIM = rowsOf(
  'Exim',
  SMTP_IN,
  [
    'any',
    '550-Verification failed for <news@sender.example>\n550-Unrouteable address\n550 Sender verify failed',
    { ...EXPECT.sender, bounce: 'policy' },
  ],
  [
    'any',
    '550-Callback setup failed while verifying <news@sender.example>\n550-Called:   192.0.2.7\n550-The initial connection, or a HELO or MAIL FROM:<> command was\n550-rejected.\n550 Sender verify failed',
    { ...EXPECT.sender, bounce: 'policy' },
  ],
  [
    'any',
    '451 Could not complete sender verify',
    { ...EXPECT.senderForNow, bounce: 'policy' },
    'Exim/exim: src/src/acl.c',
  ],
  ['any', '501 news: sender address must contain a domain', { ...EXPECT.sender, bounce: 'policy' }],
  ['ehlo', '550 Syntactically invalid EHLO argument(s)', EXPECT.helo],
  [
    'rcpt',
    '550 rejected: HELO name is the address of this server',
    EXPECT.helo,
    'Exim/exim: doc/doc-docbook/spec.xfpt',
  ],
  ['any', '550 relay not permitted', { ...EXPECT.relay, bounce: 'policy' }, DEFAULTS],
  [
    'any',
    '550-rejected because 192.0.2.25 is in a black list at zen.spamhaus.org\n550 https://www.spamhaus.org/query/ip/192.0.2.25',
    { ...EXPECT.client, bounce: 'policy' },
    DEFAULTS,
  ],
  [
    'greeting',
    '554 SMTP service not available',
    { code: 'server_refuses_service', fault: 'vendor', retryable: false, hint: /server’s operator/ },
  ],
  ['greeting', '421 mx.recipient.example: Too many concurrent SMTP connections; please try again later.', EXPECT.rate],
  ['greeting', '421 mx.recipient.example: Too much load; please try again later.', EXPECT.trouble],
  ['mail', '421 too many messages in this connection', EXPECT.rate],
  ['mail', '452 Space shortage, please try later', EXPECT.trouble],
  ['any', '552 Message size exceeds maximum permitted', { ...EXPECT.large, bounce: 'policy' }],
  ['rcpt', '550 Unrouteable address', EXPECT.gone],
  ['rcpt', '550 Unknown user', EXPECT.gone, DEFAULTS],
  ['rcpt', '550 Administrative prohibition', { ...EXPECT.policy, bounce: 'policy' }],
  ['rcpt', '451 Temporary local problem - please try later', EXPECT.trouble],
  ['end', '550 This message contains a virus (Eicar-Test-Signature).', EXPECT.content, DEFAULTS],
  ['auth', '535 Incorrect authentication data', EXPECT.password],
  ['auth', '435 Unable to authenticate at present', EXPECT.trouble],
  [
    'any',
    '550-Please turn on SMTP Authentication in your mail client.\n550-crm.sender.example [192.0.2.25]:40444 is not permitted to relay\n550 through this server without authentication.',
    { ...EXPECT.login, bounce: 'policy' },
    CPANEL,
  ],
  [
    'any',
    '550 Domain sender.example has exceeded the max emails per hour (150/150 (100%)) allowed. Message discarded.',
    { ...EXPECT.quota, bounce: 'soft' },
    CPANEL,
  ],
);
