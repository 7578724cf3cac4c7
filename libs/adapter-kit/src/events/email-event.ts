/** All kinds of events. `unknown`: the vendor reports something that has no kind here. */
export const EVENT_KINDS = [
  'queued',
  'sent',
  'delivered',
  'deferred',
  'bounced',
  'rejected',
  'failed',
  'opened',
  'clicked',
  'complained',
  'unsubscribed',
  'subscribed',
  'unknown',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/**
 * Why a message bounced. `hard`: the address does not exist or no longer accepts mail. `block`: the receiver refused
 * the sender, not the address. `policy`: a rule about the message. `admin`: the vendor did not try to deliver, because
 * of an account list or limit. `soft`: temporary, or the address is valid.
 */
export type BounceClass = 'hard' | 'soft' | 'block' | 'policy' | 'admin' | 'unknown';

/** Why a message was not delivered. */
export interface Bounce {
  readonly class: BounceClass;
  /** The SMTP reply code, e.g. 550. */
  readonly code?: number;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly enhancedCode?: string;
  /** The vendor's or the receiving server's text, unchanged. */
  readonly reason?: string;
  /** The vendor's name for the rule that determined the class. */
  readonly rule?: string;
}

/** One event reported by the vendor, in the kit's vocabulary. */
export interface EmailEvent {
  readonly kind: EventKind;
  /** The time reported by the vendor. Absent if missing or unusable; the service then uses the time of receipt. */
  readonly occurredAt?: Date;
  /** The address, as the vendor reported it. */
  readonly recipient?: string;
  /** Equal to the `messageId` that `send` returned. */
  readonly messageId?: string;
  /** The vendor's id of this event. */
  readonly vendorEventId?: string;
  /** For `bounced`, `deferred`, `rejected` and `failed`: the reason, if reported. */
  readonly bounce?: Bounce;
  /** The receiving server's reply to a delivery or a deferral. The reply to a bounce is `bounce.reason`. */
  readonly reply?: string;
  /** For `clicked`: the link. */
  readonly url?: string;
  /** For `opened` and `clicked`: the client. */
  readonly userAgent?: string;
  /** For `opened` and `clicked`: the client's address. */
  readonly ip?: string;
  /** True for an open by a machine, such as a mail client's prefetch. */
  readonly machine?: boolean;
  /** As given to `send`. */
  readonly tags?: readonly string[];
  /** As given to `send`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** True for a test event that the vendor posts to check the webhook. It belongs to no message. */
  readonly test?: true;
  /** The vendor's item, unchanged. */
  readonly raw: unknown;
}

/** One item of a webhook batch: an event, or an item that could not be parsed. */
export type ParsedEvent =
  | {
      readonly ok: true;
      readonly event: EmailEvent;
      /**
       * The parts of the event's deduplication key; duplicates are removed by its digest. It includes everything that
       * distinguishes two events and nothing that changes when the vendor repeats a request (so never the time of
       * receipt).
       */
      readonly deduplicationKey: readonly (string | number)[];
      /**
       * The time of the event, if the vendor repeats the event with the same time: events are then found among those of
       * that time. Without it they are found among all, which takes longer.
       */
      readonly deduplicationTime?: Date;
    }
  | { readonly ok: false; readonly reason: string; readonly raw: unknown };
