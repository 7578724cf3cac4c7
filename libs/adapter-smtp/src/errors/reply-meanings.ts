import type { AdapterErrorCode, AdapterErrorDetails, Fault } from '@score-crm/adapter-kit';

export type Meaning = Pick<AdapterErrorDetails, 'code' | 'fault' | 'retryable' | 'hint'>;

/** What a server may mean by refusing something, and what a person is told. */
export const MEANINGS = {
  quotaUsedUp: retry(
    'quota_exceeded',
    'vendor',
    'The account has used up its allowance at the server. Wait, or raise the allowance.',
  ),
  tooFast: retry('rate_limited', 'vendor', 'The server takes no more for now. Send more slowly, or try again later.'),
  trouble: retry('temporarily_unavailable', 'vendor', 'The server has trouble at the moment. Try again later.'),
  servesNotUs: final(
    'server_refuses_service',
    'vendor',
    'The server refuses to serve this service, often because of its network address. Ask the operator of the server.',
  ),
  refusesOurName: final(
    'server_refuses_service',
    'configuration',
    'The server refused the name by which this service introduced itself. Set the HELO name.',
  ),
  cannotEncryptNow: retry('tls_failed', 'vendor', 'The server cannot encrypt at the moment. Try again later.'),
  noStarttls: final(
    'starttls_not_offered',
    'configuration',
    'The server offers no STARTTLS on that port. Choose TLS from the first byte (usually on port 465), or another port.',
  ),
  appPassword: final(
    'app_password_required',
    'configuration',
    'The server wants an app password. Make one in the security settings of the account and enter it here.',
  ),
  encryptFirst: final(
    'encryption_required',
    'configuration',
    'The server demands encryption first. Switch the encrypted connection on.',
  ),
  noLogin: final(
    'authentication_not_offered',
    'configuration',
    'The server offers no login by user name and password here. Choose another port, or no authentication.',
  ),
  wrongPassword: final(
    'authentication_failed',
    'configuration',
    'The server refused user name or password. Enter them anew. Many providers want an app password or an API key, or must first allow SMTP for the account.',
  ),
  loginFirst: final(
    'permission_denied',
    'configuration',
    'The server takes no mail without a login. Choose authentication by user name and password.',
  ),
  recipientDeferred: retry(
    'recipient_deferred',
    'recipient',
    'The server does not take mail for this recipient at the moment. Try again later.',
  ),
  notForUs: final(
    'recipient_rejected',
    'configuration',
    'The server does not let this account send to that address. Check what the account may send, and whether it must log in.',
  ),
  recipientRefused: final('recipient_rejected', 'recipient', 'The server refused this recipient. Check the address.'),
  tooLarge: final(
    'message_too_large',
    'configuration',
    'The message is too large for the server. Send smaller attachments.',
  ),
  senderNotVerified: final(
    'sender_not_verified',
    'sender',
    'The sender’s address or domain is not verified at the server. Verify it there, or use another sender.',
  ),
  senderNotAllowed: final(
    'sender_rejected',
    'sender',
    'The server does not let this account send from that address. Use the address of the account, or allow the other one at the server.',
  ),
  messageRefused: final(
    'message_rejected',
    'sender',
    'The server refused the message, by its content or by its rules. Read its reply, and change the message or the sender.',
  ),
} satisfies Record<string, Meaning>;

function final(code: AdapterErrorCode, fault: Fault, hint: string): Meaning {
  return { code, fault, retryable: false, hint };
}

function retry(code: AdapterErrorCode, fault: Fault, hint: string): Meaning {
  return { code, fault, retryable: true, hint };
}
