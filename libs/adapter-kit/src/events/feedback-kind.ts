import type { EventKind } from './email-event.ts';

/**
 * Event kinds by the `Feedback-Type` of a feedback-loop report.
 * https://www.iana.org/assignments/marf-parameters
 */
const KINDS: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  // Unsolicited or other abuse (RFC 5965, 3.1).
  ['abuse', 'complained'],
  // Fraud or phishing (RFC 5965).
  ['fraud', 'complained'],
  // A virus in the message (RFC 5965).
  ['virus', 'complained'],
  // Any other feedback (RFC 5965).
  ['other', 'complained'],
  // A request to be removed from the list. It appeared in drafts of RFC 5965 and is still sent.
  ['opt-out', 'unsubscribed'],
  ['opt-out-list', 'unsubscribed'],
  // The reader reports that the message is not spam (RFC 6430), the opposite of a complaint. There is no kind for that.
  ['not-spam', 'unknown'],
  // The receiver reports that SPF, DKIM or DMARC failed (RFC 6591). There was no complaint by a person.
  ['auth-failure', 'unknown'],
]);

/**
 * Returns the kind of an event that the vendor calls a complaint: `complained` unless its type says otherwise.
 * @param type the `Feedback-Type`, in any case; an unregistered or missing type is a complaint
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
