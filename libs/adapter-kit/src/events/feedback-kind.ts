import type { EventKind } from './email-event.ts';

/**
 * What a report of a feedback loop is, by its `Feedback-Type`.
 * https://www.iana.org/assignments/marf-parameters
 */
const KINDS: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  // Unsolicited or other abuse (RFC 5965, 3.1).
  ['abuse', 'complained'],
  // Fraud or phishing (RFC 5965).
  ['fraud', 'complained'],
  // A virus in the message (RFC 5965).
  ['virus', 'complained'],
  // Any other feedback that is not covered (RFC 5965).
  ['other', 'complained'],
  // A request to be removed from the list. In drafts of RFC 5965, and still sent.
  ['opt-out', 'unsubscribed'],
  ['opt-out-list', 'unsubscribed'],
  // The reader reports that the message is not spam (RFC 6430): the contrary of a complaint. No kind exists for that.
  ['not-spam', 'unknown'],
  // The receiver reports that SPF, DKIM or DMARC failed (RFC 6591). No person complained.
  ['auth-failure', 'unknown'],
]);

/**
 * The kind of an event that the vendor calls a complaint. A type that is not registered, or none at all, leaves it one.
 * @param type in any case
 */
export function feedbackKind(type: string | undefined): EventKind {
  return (
    KINDS.get(
      (type ?? '')
        .trim()
        .toLowerCase()
        .replace(/[\s_]+/g, '-'),
    ) ?? 'complained'
  );
}
