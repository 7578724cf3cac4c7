import { EXPECT, rowsOf } from './reply-row.ts';

const SISIMAI = 'sisimai/p5-sisimai: lib/Sisimai';

/** Other servers, whose replies a relay passes on or a connection receives directly. */
export const RECEIVERS = [
  ...rowsOf(
    'Yahoo',
    'https://senders.yahooinc.com/smtp-error-codes',
    [
      'any',
      '421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      { ...EXPECT.rate, bounce: 'block' },
    ],
    [
      'any',
      "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.25, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html",
      EXPECT.client,
    ],
    [
      'any',
      '553 5.7.2 [TSS09] All messages from 192.0.2.25 will be permanently deferred; Retrying will NOT succeed.',
      EXPECT.client,
    ],
    [
      'any',
      '451 Message temporarily deferred due to unresolvable RFC.5321 from domain.',
      { ...EXPECT.senderForNow, bounce: 'policy' },
    ],
    ['end', '554 5.7.9 Message not accepted for policy reasons.', EXPECT.content],
    ['rcpt', "554 delivery error: dd This user doesn't have a yahoo.com account", EXPECT.gone],
    ['rcpt', '450 User is receiving mail too quickly', EXPECT.later],
  ),
  ...rowsOf(
    'iCloud',
    'https://support.apple.com/en-us/102322',
    ['any', "554 5.7.1 Your message was rejected due to sender.example's DMARC policy.", EXPECT.spf],
    ['any', '550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.25', EXPECT.client],
    ['any', '550 5.7.1 Mail from IP 192.0.2.25 was rejected due to listing in Spamhaus SBL.', EXPECT.client],
    ['rcpt', '550 5.1.6 recipient no longer on server: reader@recipient.example', EXPECT.dead],
    ['rcpt', '552 5.2.2 <reader@recipient.example>: user is over quota', EXPECT.full],
    ['end', '550 5.7.1 [CS01] Message rejected due to local policy.', EXPECT.content],
  ),
  ...rowsOf(
    'Cisco Secure Email (IronPort)',
    `${SISIMAI}/Reason/Blocked.pm`,
    ['any', '550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.', EXPECT.client],
    [
      'greeting',
      "554-mx.recipient.example\n554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
      EXPECT.client,
    ],
    ['rcpt', '550 #5.1.0 Address rejected.', EXPECT.gone],
    ['rcpt', '452 #4.5.3 Too many recipients received this hour', { ...EXPECT.quota, bounce: 'soft' }],
  ),
  ...rowsOf(
    'Mimecast',
    'https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691-Policies-Mimecast-SMTP-Error-Codes',
    ['rcpt', '451 Internal resource temporarily unavailable', EXPECT.trouble],
    [
      'any',
      '550 Rejected by header based Anti-Spoofing policy: news@sender.example',
      { ...EXPECT.spf, bounce: 'policy' },
    ],
    ['rcpt', '550 Invalid Recipient', EXPECT.gone],
    ['rcpt', '550 Administrative prohibition - envelope blocked', { ...EXPECT.policy, bounce: 'policy' }],
  ),
  ...rowsOf(
    'Barracuda',
    'https://campus.barracuda.com/',
    [
      'any',
      '554 Service unavailable; Client host [mx.sender.example] blocked using Barracuda Reputation; http://bbl.barracudacentral.com/q.cgi?ip=192.0.2.25',
      { ...EXPECT.client, bounce: 'policy' },
    ],
    ['rcpt', '550 5.1.1 : Recipient address rejected: No such user', EXPECT.dead],
  ),
  ...rowsOf(
    'Courier',
    'svarshavchik/courier: courier/module.esmtp/courieresmtpd.C',
    ['any', '517-Domain does not exist: sender.example.\n517 Sender rejected', { ...EXPECT.sender, bounce: 'policy' }],
    ['any', '513 Relaying denied.', { ...EXPECT.relay, bounce: 'policy' }],
  ),
  ...rowsOf(
    'hMailServer',
    'hmailserver/hmailserver: hmailserver/source/Server/SMTP/SMTPConnection.cpp',
    ['any', '530 SMTP authentication is required.', { ...EXPECT.login, bounce: 'policy' }],
    ['any', '550 Delivery is not allowed to this address.', { ...EXPECT.relay, bounce: 'policy' }],
    ['rcpt', '550 Unknown user', EXPECT.gone],
    ['rcpt', '550 Too many recipients.', EXPECT.recipients],
    ['mail', '550 Sender address must be specified.', { ...EXPECT.sender, bounce: 'policy' }],
    ['rcpt', '451 Please try again later.', EXPECT.later],
    [
      'mail',
      '552 Message size exceeds fixed maximum message size. Size: 20481 KB, Max size: 20480 KB',
      { ...EXPECT.large, bounce: 'policy' },
    ],
  ),
  ...rowsOf(
    'Haraka',
    'haraka/Haraka: connection.js',
    ['ehlo', '550 EHLO denied', EXPECT.helo],
    [
      'greeting',
      '554 Your mail is not welcome here',
      { code: 'server_refuses_service', fault: 'vendor', retryable: false, hint: /server’s operator/ },
    ],
    ['greeting', '554 rDNS Lookup Failed', EXPECT.reverseDns],
    ['greeting', '421 Come back later', EXPECT.trouble],
    ['rcpt', '550 5.1.2 Domain not in use', EXPECT.dead],
  ),
  ...rowsOf(
    'MDaemon',
    `${SISIMAI}/Reason/Rejected.pm`,
    ['any', '550 5.7.1 Sender rejected. Backscatter protection detected an invalid address', EXPECT.sender],
    ['rcpt', '550 5.1.1 <reader@recipient.example>, Recipient unknown', EXPECT.dead],
  ),
  ...rowsOf(
    'T-Online and GMX',
    `${SISIMAI}/Reason/BadReputation.pm`,
    [
      'greeting',
      '554 IP=192.0.2.25 - A problem occurred. None/bad reputation. Ask your postmaster for help. (NOWL)',
      EXPECT.client,
    ],
    [
      'greeting',
      '554-mx.recipient.example\n554-No SMTP service\n554 Bad DNS PTR resource record.',
      EXPECT.reverseDns,
      `${SISIMAI}/Reason/RequirePTR.pm`,
    ],
    [
      'rcpt',
      '550-Requested action not taken: mailbox unavailable\n550 5.1.1 invalid DNS MX or A/AAAA resource record',
      EXPECT.dead,
      `${SISIMAI}/Reason/UserUnknown.pm`,
    ],
  ),
];
