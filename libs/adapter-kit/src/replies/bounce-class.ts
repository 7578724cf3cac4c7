import type { BounceClass } from '../events/email-event.ts';
import type { StatusCodes } from './status-codes.ts';
import type { AdapterErrorDetails } from '../errors/adapter-error.ts';

/**
 * Bounce classes of permanent failures (5.x.x) by subject and detail. Names and definitions: RFC 3463 and the registry
 * https://www.iana.org/assignments/smtp-enhanced-status-codes. `hard` only if the code reports that the address itself
 * is invalid: no message is sent to such an address again.
 */
const CLASSES: ReadonlyMap<string, BounceClass> = new Map<string, BounceClass>([
  // Other address status: of the sender or of the recipient; the code does not distinguish them.
  ['1.0', 'unknown'],
  // Bad destination mailbox address: the mailbox does not exist.
  ['1.1', 'hard'],
  // Bad destination system address: the domain does not exist or cannot receive mail.
  ['1.2', 'hard'],
  // Bad destination mailbox address syntax.
  ['1.3', 'hard'],
  // Destination mailbox address ambiguous: it matches several recipients.
  ['1.4', 'unknown'],
  // Destination address valid: a positive report, not a failure.
  ['1.5', 'unknown'],
  // Destination mailbox has moved, and no forwarding address is known.
  ['1.6', 'hard'],
  // Bad sender's mailbox address syntax.
  ['1.7', 'block'],
  // Bad sender's system address: its domain does not exist or does not accept mail.
  ['1.8', 'block'],
  // Message relayed to a non-compliant mailer (RFC 3886, 3.3.4): a report, not a failure.
  ['1.9', 'unknown'],
  // Recipient address has null MX (RFC 7505); at Microsoft 365: recipient not found.
  ['1.10', 'hard'],
  // Other or undefined mailbox status: the mailbox exists.
  ['2.0', 'soft'],
  // Mailbox disabled, not accepting messages: a permanent failure if it will never be enabled again.
  ['2.1', 'hard'],
  // Mailbox full.
  ['2.2', 'soft'],
  // Message length exceeds the administrative limit of the mailbox.
  ['2.3', 'soft'],
  // Mailing list expansion problem.
  ['2.4', 'soft'],
  // Other or undefined mail system status.
  ['3.0', 'soft'],
  // Mail system full.
  ['3.1', 'soft'],
  // System not accepting network messages: shutdown, excessive load, maintenance.
  ['3.2', 'soft'],
  // System not capable of selected features.
  ['3.3', 'policy'],
  // Message too big for the system.
  ['3.4', 'soft'],
  // System incorrectly configured.
  ['3.5', 'soft'],
  // Requested priority was changed (RFC 6710): a report, not a failure.
  ['3.6', 'unknown'],
  // Other or undefined network or routing status.
  ['4.0', 'soft'],
  // No answer from host.
  ['4.1', 'soft'],
  // Bad connection.
  ['4.2', 'soft'],
  // Directory server failure.
  ['4.3', 'soft'],
  // Unable to route: the DNS has no host that accepts the mail.
  ['4.4', 'soft'],
  // Mail system congestion.
  ['4.5', 'soft'],
  // Routing loop detected.
  ['4.6', 'soft'],
  // Delivery time expired.
  ['4.7', 'soft'],
  // Other or undefined protocol status. Outlook.com also uses it for mailboxes that do not exist.
  ['5.0', 'unknown'],
  // Invalid command.
  ['5.1', 'unknown'],
  // Syntax error.
  ['5.2', 'unknown'],
  // Too many recipients.
  ['5.3', 'soft'],
  // Invalid command arguments.
  ['5.4', 'unknown'],
  // Wrong protocol version.
  ['5.5', 'unknown'],
  // Authentication exchange line is too long (RFC 4954).
  ['5.6', 'unknown'],
  // Other or undefined media error: something about the content of the message.
  ['6.0', 'policy'],
  // Media not supported.
  ['6.1', 'policy'],
  // Conversion required and prohibited.
  ['6.2', 'policy'],
  // Conversion required but not supported.
  ['6.3', 'policy'],
  // Conversion with loss performed: a report, not a failure.
  ['6.4', 'unknown'],
  // Conversion failed.
  ['6.5', 'policy'],
  // Message content not available (RFC 4468).
  ['6.6', 'policy'],
  // Non-ASCII addresses not permitted for that sender or recipient (RFC 6531).
  ['6.7', 'policy'],
  // UTF-8 string reply is required, but not permitted by the client (RFC 6531).
  ['6.8', 'policy'],
  // UTF-8 header message cannot be transferred to one or more recipients (RFC 6531).
  ['6.9', 'policy'],
  // The same as 6.8, deprecated.
  ['6.10', 'policy'],
  // Other or undefined security status.
  ['7.0', 'block'],
  // Delivery not authorized, message refused: by a policy about the sender, the client or the content.
  ['7.1', 'block'],
  // Mailing list expansion prohibited: the sender may not write to the list.
  ['7.2', 'block'],
  // Security conversion required but not possible.
  ['7.3', 'block'],
  // Security features not supported.
  ['7.4', 'block'],
  // Cryptographic failure.
  ['7.5', 'block'],
  // Cryptographic algorithm not supported.
  ['7.6', 'block'],
  // Message integrity failure.
  ['7.7', 'block'],
  // Authentication credentials invalid (RFC 4954).
  ['7.8', 'block'],
  // Authentication mechanism is too weak (RFC 4954).
  ['7.9', 'block'],
  // Encryption needed (RFC 5248).
  ['7.10', 'block'],
  // Encryption required for the requested authentication mechanism (RFC 4954).
  ['7.11', 'block'],
  // A password transition is needed (RFC 4954).
  ['7.12', 'block'],
  // User account disabled (RFC 5248): that of the client, after it has authenticated.
  ['7.13', 'block'],
  // Trust relationship required (RFC 5248).
  ['7.14', 'block'],
  // Priority level is too low (RFC 6710).
  ['7.15', 'block'],
  // Message is too big for the specified priority (RFC 6710).
  ['7.16', 'block'],
  // Mailbox owner has changed (RFC 7293): the address now belongs to someone else.
  ['7.17', 'hard'],
  // Domain owner has changed (RFC 7293).
  ['7.18', 'hard'],
  // RRVS test cannot be completed (RFC 7293).
  ['7.19', 'block'],
  // No passing DKIM signature found (RFC 7372).
  ['7.20', 'block'],
  // No acceptable DKIM signature found (RFC 7372).
  ['7.21', 'block'],
  // No valid author-matched DKIM signature found (RFC 7372).
  ['7.22', 'block'],
  // SPF validation failed (RFC 7372).
  ['7.23', 'block'],
  // SPF validation error (RFC 7372).
  ['7.24', 'block'],
  // Reverse DNS validation failed (RFC 7372).
  ['7.25', 'block'],
  // Multiple authentication checks failed (RFC 7372).
  ['7.26', 'block'],
  // Sender address has null MX (RFC 7505).
  ['7.27', 'block'],
  // Mail flood detected.
  ['7.28', 'block'],
  // ARC validation failure (RFC 8617).
  ['7.29', 'block'],
  // REQUIRETLS support required (RFC 8689).
  ['7.30', 'block'],
]);

/** An unregistered detail is treated as `x.subject.0` (RFC 3463, 3): Microsoft has hundreds of them. */
const GENERIC_DETAIL = '0';

/** Used if the enhanced code is not specific. RFC 5321, 4.2.3, and RFC 7504. */
const CLASSES_BY_CODE: ReadonlyMap<number, BounceClass> = new Map<number, BounceClass>([
  // Mailbox unavailable: not found, no access, or refused for policy reasons; the code does not distinguish them.
  [550, 'unknown'],
  // User not local.
  [551, 'unknown'],
  // Exceeded storage allocation.
  [552, 'soft'],
  // Mailbox name not allowed: that of the sender or of the recipient.
  [553, 'unknown'],
  // Transaction failed.
  [554, 'unknown'],
  // Domain does not accept mail.
  [556, 'hard'],
]);

/**
 * Returns the class of a failed delivery by its codes, the same for all vendors. For temporary failures (4.x.x, 4xx),
 * refusals of a sender are `block` and all others are `soft`. Returns `unknown` if the codes are ambiguous. If the two
 * codes contradict each other, the failure counts as temporary, so that a valid address is not treated as invalid.
 */
export function bounceClassOf({ code, enhancedCode }: StatusCodes): BounceClass {
  const digits = String(code ?? '').charAt(0) + (enhancedCode ?? '').charAt(0);
  if (!/[45]/.test(digits)) return 'unknown';
  const isTemporary = digits.includes('4');
  const reported = byEnhancedCode(enhancedCode) ?? CLASSES_BY_CODE.get(code ?? 0) ?? 'unknown';
  return isTemporary && reported !== 'block' ? 'soft' : reported;
}

function byEnhancedCode(enhancedCode: string | undefined): BounceClass | undefined {
  const [, subject = '', detail = ''] = enhancedCode?.split('.') ?? [];
  return CLASSES.get(`${subject}.${detail}`) ?? CLASSES.get(`${subject}.${GENERIC_DETAIL}`);
}

/**
 * Returns the class of a recipient that was rejected during the call to the vendor. It follows from the codes, except
 * that a rejection with another fault than `recipient` never counts against the address: servers also use the codes of
 * invalid addresses for senders.
 */
export function rejectionClass({ fault, retryable, smtpCode, enhancedCode }: AdapterErrorDetails): BounceClass {
  const byCodes = bounceClassOf({
    ...(smtpCode === undefined ? {} : { code: smtpCode }),
    ...(enhancedCode === undefined ? {} : { enhancedCode }),
  });
  if (byCodes === 'block' || byCodes === 'policy') return byCodes;
  if (fault === 'sender' || fault === 'configuration') return 'policy';
  if (retryable) return 'soft';
  return fault === 'recipient' ? byCodes : 'policy';
}
