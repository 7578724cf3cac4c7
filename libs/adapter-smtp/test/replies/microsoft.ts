import { EXPECT, rowsOf } from './reply-row.ts';

const NDR =
  'https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online';
const SUBMISSION =
  'https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission';
const OUTLOOK = 'https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx';

export const MICROSOFT = rowsOf(
  'Exchange and Microsoft 365',
  NDR,
  ['any', '550 5.7.60 SMTP; Client does not have permissions to send as this sender', EXPECT.sender],
  [
    'end',
    '554 5.2.252 SendAsDenied; relay@sender.example not allowed to send as news@sender.example; STOREDRV.Submission.Exception:SendAsDeniedException',
    EXPECT.sender,
  ],
  ['any', '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM', EXPECT.login],
  ['any', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', EXPECT.relay],
  ['any', '550 5.7.64 TenantAttribution; Relay Access Denied', EXPECT.relay],
  ['auth', '535 5.7.3 Authentication unsuccessful [AM0EUR.example]', EXPECT.password, SUBMISSION],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
    EXPECT.switchedOff,
    SUBMISSION,
  ],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
    EXPECT.switchedOff,
    SUBMISSION,
  ],
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.',
    EXPECT.password,
    SUBMISSION,
  ],
  ['ehlo', '501 5.5.4 Invalid domain name', EXPECT.helo],
  ['any', '550 5.7.506 Access denied, bad HELO', { ...EXPECT.helo, bounce: 'block' }],
  [
    'any',
    '550 5.7.25 Access denied, the sending IPv6 address [2001:db8::25] must have a reverse DNS record',
    EXPECT.reverseDns,
  ],
  [
    'any',
    '550 5.7.606 Access denied, banned sending IP [192.0.2.25]. To request removal from this list please visit https://sender.office.com/',
    EXPECT.client,
  ],
  [
    'any',
    '550 5.7.511 Access denied, banned sender[192.0.2.25]. To request removal from this list please forward this message',
    EXPECT.client,
  ],
  ['any', '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.', EXPECT.client],
  ['rcpt', '550 5.7.1 Recipient not authorized, your IP has been found on a block list', EXPECT.client],
  ['any', '550 5.1.8 Access denied, bad outbound sender', EXPECT.sender],
  ['any', '550 5.7.502 Access denied, banned sender', EXPECT.sender],
  ['any', '550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains', EXPECT.sender],
  ['any', '550 5.7.509 Access denied, sending domain [SENDER.EXAMPLE] does not pass DMARC verification', EXPECT.spf],
  [
    'any',
    '550 5.7.515 Access denied, sending domain SENDER.EXAMPLE does not meet the required authentication level',
    EXPECT.spf,
  ],
  ['any', '550 5.7.705 Access denied, tenant has exceeded threshold', { ...EXPECT.quota, bounce: 'block' }],
  [
    'end',
    '554 5.2.2 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; the submission quota of the sender was exceeded',
    EXPECT.quota,
  ],
  [
    'end',
    "550 5.1.90 Your message can't be sent because you have reached your daily limit for message recipients",
    EXPECT.quota,
  ],
  [
    'any',
    '451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. For e-mail delivery information see https://postmaster.live.com (S775)',
    { ...EXPECT.rate, bounce: 'block' },
    OUTLOOK,
  ],
  [
    'any',
    "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
    EXPECT.client,
    OUTLOOK,
  ],
  [
    'greeting',
    '421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel',
    EXPECT.trouble,
  ],
  [
    'rcpt or end',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient reader@recipient.example not found by SMTP address lookup',
    EXPECT.dead,
  ],
  [
    'rcpt',
    '550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [EUR01.example]',
    { ...EXPECT.gone, bounce: 'soft' },
  ],
  ['rcpt or end', '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException', EXPECT.full],
  ['rcpt', '550 5.2.1 Mailbox disabled, not accepting messages', EXPECT.dead],
  [
    'rcpt',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required',
    {
      code: 'recipient_rejected',
      fault: 'sender',
      retryable: false,
      bounce: 'block',
      hint: /only from certain senders/,
    },
  ],
  ['end', '552 5.3.4 Message size exceeds fixed maximum message size', EXPECT.large],
  ['any', '451 5.7.3 STARTTLS is required to send mail', { ...EXPECT.encrypt, bounce: 'policy' }],
);
