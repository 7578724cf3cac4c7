import type { AdapterErrorCode, AdapterErrorDetails, Fault } from '@score-crm/adapter-kit';

/** `retryable` undefined: it follows from the reply's code, 4xx or 5xx. */
export type Meaning = Pick<AdapterErrorDetails, 'code' | 'fault' | 'hint'> & { readonly retryable?: boolean };

const HELO_ADVICE =
  'Set the HELO name, under the advanced settings, to a full domain name that has a DNS record, such as mail.example.com.';

/** What a server may mean by rejecting something, and what the user can do about it. */
export const MEANINGS = {
  // The server and the account.
  quotaUsedUp: retry(
    'quota_exceeded',
    'vendor',
    'The account has used up its allowance at the server. Wait, or raise the allowance.',
  ),
  tooFast: retry(
    'rate_limited',
    'vendor',
    'The server does not accept more messages for now. Send more slowly, or try again later.',
  ),
  tooManyRecipients: retry(
    'rate_limited',
    'vendor',
    'The server accepts fewer recipients in one message. Send to the other recipients in another message.',
  ),
  trouble: retry('temporarily_unavailable', 'vendor', 'The server has trouble at the moment. Try again later.'),
  servesNotUs: final(
    'server_refuses_service',
    'vendor',
    'The server refuses to serve this service, often because of its network address. Ask the operator of the server.',
  ),
  accountMayNotSend: final(
    'permission_denied',
    'configuration',
    'The account at the server may not send. Check with the provider that it is active and may send.',
  ),
  // How this service introduces itself, and where it connects from.
  heloRejected: final(
    'server_refuses_service',
    'configuration',
    `The server rejected the HELO name by which this service introduces itself. ${HELO_ADVICE}`,
  ),
  heloNotFound: byCode(
    'server_refuses_service',
    'configuration',
    `The server could not find the HELO name by which this service introduces itself in the DNS. ${HELO_ADVICE}`,
  ),
  noReverseDns: byCode(
    'server_refuses_service',
    'configuration',
    'The network address of this service has no valid reverse DNS name. Ask the operator of the network to set its PTR record, or send through another server.',
  ),
  clientBlocked: byCode(
    'server_refuses_service',
    'configuration',
    'The server blocks the network address of this service, for example because it is on a blocklist. Ask the operator of the server to allow it, or send through another server.',
  ),
  // Encryption and login.
  cannotEncryptNow: retry('tls_failed', 'vendor', 'The server cannot encrypt at the moment. Try again later.'),
  noStarttls: final(
    'starttls_not_offered',
    'configuration',
    'The server does not offer STARTTLS on that port. Choose implicit TLS (usually on port 465), or another port.',
  ),
  encryptFirst: final(
    'encryption_required',
    'configuration',
    'The server requires encryption. Switch the encrypted connection on.',
  ),
  appPassword: final(
    'app_password_required',
    'configuration',
    'The server requires an app password. Create one in the security settings of the account and enter it here.',
  ),
  noLogin: final(
    'authentication_not_offered',
    'configuration',
    'The server does not offer a login by username and password here. Choose another port, or no authentication.',
  ),
  wrongPassword: final(
    'authentication_failed',
    'configuration',
    'The server rejected the username or password. Enter both again; many providers require an app password or an API key, or must first allow SMTP for the account.',
  ),
  smtpSwitchedOff: final(
    'authentication_failed',
    'configuration',
    'SMTP sign-in is disabled for this account. Ask its administrator to enable SMTP AUTH.',
  ),
  tooManyLogins: retry(
    'rate_limited',
    'vendor',
    'The server does not accept logins for now, after too many failed ones. Check username and password, then try again later.',
  ),
  loginFirst: final(
    'permission_denied',
    'configuration',
    'The server does not accept mail without a login. Choose authentication by username and password.',
  ),
  relayDenied: final(
    'permission_denied',
    'configuration',
    'The server does not relay mail to other domains for this service. Sign in with a username and password, or ask the operator of the server to allow it.',
  ),
  // The sender.
  senderNotVerified: final(
    'sender_not_verified',
    'sender',
    'The sender’s address or domain is not verified at the server. Verify it there, or use another sender.',
  ),
  senderNotAllowed: final(
    'sender_rejected',
    'sender',
    'The server does not let this account send from that sender address. Use the address of the account, or allow the other one at the server.',
  ),
  senderInvalid: final(
    'sender_rejected',
    'sender',
    'The server does not accept the sender address as it is written. Use a full address such as name@example.com.',
  ),
  senderNotFound: byCode(
    'sender_rejected',
    'sender',
    'The server could not find the sender’s address or its domain. Check its spelling, and that the domain exists in the DNS and receives mail.',
  ),
  senderUnauthenticated: byCode(
    'sender_rejected',
    'sender',
    'The sender’s domain failed authentication. Set up SPF, DKIM and DMARC for it so that they include this server.',
  ),
  senderBlocked: byCode(
    'sender_rejected',
    'sender',
    'The server blocks this sender address or its domain. Use another sender, or ask the operator of the server to allow it.',
  ),
  // The recipient.
  recipientDeferred: retry(
    'recipient_deferred',
    'recipient',
    'The server does not accept mail for this recipient at the moment. Try again later.',
  ),
  deferredByPolicy: retry(
    'recipient_deferred',
    'vendor',
    'The server does not accept mail for this recipient from this service at the moment. Try again later.',
  ),
  mailboxFull: final('recipient_rejected', 'recipient', 'The recipient’s mailbox is full. Write again later.'),
  recipientRefused: final('recipient_rejected', 'recipient', 'The server rejected this recipient. Check the address.'),
  senderNotWelcome: final(
    'recipient_rejected',
    'sender',
    'This recipient accepts mail from certain senders only. Ask the recipient to allow your sender address.',
  ),
  refusedByPolicy: final(
    'recipient_rejected',
    'configuration',
    'The server does not let this account send to that address. Check what the account may send, and whether it must sign in.',
  ),
  asciiOnly: final(
    'unsupported',
    'configuration',
    'The server accepts only addresses of ASCII characters. Use another spelling of the address, or another server.',
  ),
  commandRefused: final(
    'unexpected',
    'vendor',
    'The server does not accept the command that names a recipient. Ask the operator of the server.',
  ),
  // The message.
  tooLarge: final(
    'message_too_large',
    'configuration',
    'The message is too large for the server. Send smaller attachments.',
  ),
  messageRefused: final(
    'message_rejected',
    'sender',
    'The server rejected the message, by its content or by its rules. Read its reply, and change the message or the sender.',
  ),
} as const satisfies Record<string, Meaning>;

function final(code: AdapterErrorCode, fault: Fault, hint: string): Meaning & { readonly retryable: boolean } {
  return { code, fault, retryable: false, hint };
}

function retry(code: AdapterErrorCode, fault: Fault, hint: string): Meaning & { readonly retryable: boolean } {
  return { code, fault, retryable: true, hint };
}

function byCode(code: AdapterErrorCode, fault: Fault, hint: string): Meaning {
  return { code, fault, hint };
}
