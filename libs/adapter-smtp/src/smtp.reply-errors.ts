import type { AdapterErrorCode, AdapterErrorDetails, Fault } from '@score-crm/adapter-kit';

/** `retryable` undefined: it depends on the reply's code, 4xx or 5xx. */
export type ReplyError = Pick<AdapterErrorDetails, 'code' | 'fault' | 'hint'> & { readonly retryable?: boolean };

const HELO_ADVICE = 'Set the HELO name to a name with a DNS record, such as mail.example.com.';

/** The errors for rejections by a server. */
export const REPLY_ERRORS = {
  // The server and the account.
  quotaUsedUp: retry(
    'quota_exceeded',
    'vendor',
    'The account has used up its sending quota. Wait, or raise the quota.',
  ),
  tooFast: retry(
    'rate_limited',
    'vendor',
    'The server’s rate limit was exceeded. Send more slowly, or try again later.',
  ),
  tooManyRecipients: retry(
    'rate_limited',
    'vendor',
    'The server accepts fewer recipients per message. Send to the remaining recipients in another message.',
  ),
  trouble: retry('temporarily_unavailable', 'vendor', 'The server is temporarily unavailable. Try again later.'),
  servesNotUs: final(
    'server_refuses_service',
    'vendor',
    'The server refuses connections from this service, often because of its IP address. Contact the server’s operator.',
  ),
  accountMayNotSend: final(
    'permission_denied',
    'configuration',
    'The account is not allowed to send. Check with the provider that it is active and may send.',
  ),
  // The HELO name and the IP address of this service.
  heloRejected: final(
    'server_refuses_service',
    'configuration',
    `The server rejected this service’s HELO name. ${HELO_ADVICE}`,
  ),
  heloNotFound: byCode(
    'server_refuses_service',
    'configuration',
    `This service’s HELO name was not found in the DNS. ${HELO_ADVICE}`,
  ),
  noReverseDns: byCode(
    'server_refuses_service',
    'configuration',
    'This service’s IP address has no valid reverse DNS name. Ask your operator to set its PTR record, or use another server.',
  ),
  clientBlocked: byCode(
    'server_refuses_service',
    'configuration',
    'The server blocks this service’s IP address, for example because of a blocklist. Ask the server’s operator to allow it, or use another server.',
  ),
  // Encryption and authentication.
  cannotEncryptNow: retry('tls_failed', 'vendor', 'The server cannot encrypt at the moment. Try again later.'),
  noStarttls: final(
    'starttls_not_offered',
    'configuration',
    'The server does not offer STARTTLS on that port. Select implicit TLS (usually port 465), or use another port.',
  ),
  encryptFirst: final(
    'encryption_required',
    'configuration',
    'The server requires encryption. Turn on “Secure (TLS/SSL)”.',
  ),
  appPassword: final(
    'app_password_required',
    'configuration',
    'The server requires an app password. Create one in the account’s security settings and enter it here.',
  ),
  noLogin: final(
    'authentication_not_offered',
    'configuration',
    'The server does not offer login by username and password here. Use another port, or set the authentication to “None”.',
  ),
  wrongPassword: final(
    'authentication_failed',
    'configuration',
    'The server rejected the username or password. Enter both again; many providers require an app password or an API key, or SMTP to be enabled.',
  ),
  smtpSwitchedOff: final(
    'authentication_failed',
    'configuration',
    'SMTP login is disabled for this account. Ask its administrator to enable SMTP AUTH.',
  ),
  tooManyLogins: retry(
    'rate_limited',
    'vendor',
    'The server blocks logins after too many failed attempts. Check the username and the password, then try again later.',
  ),
  loginFirst: final(
    'permission_denied',
    'configuration',
    'The server requires a login. Set the authentication to “Username and password”.',
  ),
  relayDenied: final(
    'permission_denied',
    'configuration',
    'The server does not relay mail to other domains for this service. Log in with a username and password, or ask the server’s operator to allow it.',
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
    'This account may not send from that sender address. Use the account’s address, or allow the other one at the server.',
  ),
  senderInvalid: final(
    'sender_rejected',
    'sender',
    'The server does not accept the form of the sender address. Use a full address such as name@example.com.',
  ),
  senderNotFound: byCode(
    'sender_rejected',
    'sender',
    'The sender’s address or domain was not found. Check its spelling, and that the domain has DNS records and receives mail.',
  ),
  senderUnauthenticated: byCode(
    'sender_rejected',
    'sender',
    'The sender’s domain failed authentication. Set up SPF, DKIM and DMARC for it so that they include this server.',
  ),
  senderBlocked: byCode(
    'sender_rejected',
    'sender',
    'The server blocks this sender address or domain. Use another sender, or ask the server’s operator to allow it.',
  ),
  // The recipient.
  recipientDeferred: retry(
    'recipient_deferred',
    'recipient',
    'The server temporarily rejects mail for this recipient. Try again later.',
  ),
  deferredByPolicy: retry(
    'recipient_deferred',
    'vendor',
    'The server temporarily rejects mail from this service for this recipient. Try again later.',
  ),
  mailboxFull: final('recipient_rejected', 'recipient', 'The recipient’s mailbox is full. Try again another day.'),
  recipientRefused: final('recipient_rejected', 'recipient', 'The server rejected this recipient. Check the address.'),
  senderNotWelcome: final(
    'recipient_rejected',
    'sender',
    'This recipient accepts mail only from certain senders. Ask the recipient to allow your sender address.',
  ),
  refusedByPolicy: final(
    'recipient_rejected',
    'configuration',
    'The server does not let this account send to that address. Check the account’s permissions, and whether it must log in.',
  ),
  asciiOnly: final(
    'unsupported',
    'configuration',
    'The server accepts only ASCII addresses. Use another address or another server.',
  ),
  commandRefused: final(
    'unexpected',
    'vendor',
    'The server does not accept the RCPT TO command. Contact the server’s operator.',
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
    'The server rejected the message because of its content or a policy. Read the reply, then change the message or the sender.',
  ),
} as const satisfies Record<string, ReplyError>;

function final(code: AdapterErrorCode, fault: Fault, hint: string): ReplyError & { readonly retryable: boolean } {
  return { code, fault, retryable: false, hint };
}

function retry(code: AdapterErrorCode, fault: Fault, hint: string): ReplyError & { readonly retryable: boolean } {
  return { code, fault, retryable: true, hint };
}

function byCode(code: AdapterErrorCode, fault: Fault, hint: string): ReplyError {
  return { code, fault, hint };
}
