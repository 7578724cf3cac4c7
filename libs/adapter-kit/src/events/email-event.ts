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
 * `hard`: the address is dead. `block`: the receiver refused the sender, not the address. `policy`: a rule
 * about the message. `admin`: the vendor did not try, because of a list or limit of the account. `soft`: temporary, or the
 * address lives.
 */
export type BounceClass = 'hard' | 'soft' | 'block' | 'policy' | 'admin' | 'unknown';

export interface Bounce {
  readonly class: BounceClass;
  /** The SMTP reply code, e.g. 550. */
  readonly code?: number;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly enhancedCode?: string;
  /** The vendor's or the receiver's own words. */
  readonly reason?: string;
  /** The vendor's name of the rule that decided the class. */
  readonly rule?: string;
}

/** One event as the vendor reported it, in our terms. */
export interface EmailEvent {
  readonly kind: EventKind;
  /** As the vendor reported it; absent if it did not, or not in a usable form. The service then uses the time of receipt. */
  readonly occurredAt?: Date;
  readonly recipient?: string;
  /** Equal to what `send` returned. */
  readonly messageId?: string;
  readonly vendorEventId?: string;
  readonly bounce?: Bounce;
  readonly url?: string;
  readonly userAgent?: string;
  readonly ip?: string;
  /** True for an open made by a machine, such as a mail client's prefetch. */
  readonly machine?: boolean;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** True for what the vendor posts to try the webhook out: it belongs to no message. */
  readonly test?: true;
  /** The vendor's item as it came. */
  readonly raw: unknown;
}

/** One item of a webhook's batch: an event, or what could not be read as one. */
export type ParsedEvent =
  | {
      readonly ok: true;
      readonly event: EmailEvent;
      /**
       * What makes the event itself and no other; the digest that removes duplicates is made from it. It has everything that
       * distinguishes two events and nothing that a repeated request changes, so never the time of receipt.
       */
      readonly deduplicationKey: readonly (string | number)[];
    }
  | { readonly ok: false; readonly reason: string; readonly raw: unknown };
