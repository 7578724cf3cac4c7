import type { EventKind } from '@score-crm/adapter-kit';

/** Sums of events of some time. */
export interface EventSums {
  /** By kind, without opens and clicks by machines. Kinds without events are absent. */
  readonly counts: Readonly<Partial<Record<EventKind, number>>>;
  readonly hardBounces: number;
}

/** A limit that a mailbox provider or a vendor publishes. */
export interface RateThreshold {
  /** Who publishes it, such as `Gmail`. */
  readonly provider: string;
  /** Stay below this, from 0 to 1. */
  readonly rate: number;
  /**
   * `recommended`: the provider advises to stay below. `required`: delivery suffers above it. `review`: the account is
   * reviewed above it. `pause`: sending may be paused above it.
   */
  readonly level: 'recommended' | 'required' | 'review' | 'pause';
  /** The page that publishes it. */
  readonly url: string;
}

export const RATE_NAMES = ['delivered', 'bounced', 'hardBounced', 'complained', 'opened', 'clicked'] as const;
export type RateName = (typeof RATE_NAMES)[number];

/**
 * The base of a rate. `sent`: accepted by the vendor. `outcomes`: deliveries and bounces, if there are more of them than
 * messages sent through the connection, because other systems send through the same account. `delivered`: deliveries.
 */
export type RateBase = 'sent' | 'outcomes' | 'delivered';

export interface Rate {
  readonly name: RateName;
  /** The number of events. Each open and click counts, so that their rates may exceed 1. */
  readonly events: number;
  readonly base: RateBase;
  /** The size of the base. */
  readonly of: number;
  /** `events` / `of`; null if the base is empty. */
  readonly rate: number | null;
  readonly thresholds: readonly RateThreshold[];
}

const GMAIL = { provider: 'Gmail', url: 'https://support.google.com/a/answer/81126' } as const;
const YAHOO = { provider: 'Yahoo', url: 'https://senders.yahooinc.com/best-practices/' } as const;
const AMAZON = {
  provider: 'Amazon SES',
  url: 'https://docs.aws.amazon.com/ses/latest/dg/reputation-dashboard-messages.html',
} as const;

/**
 * Published limits, read in November 2026.
 *
 * Gmail, "Email sender guidelines" (https://support.google.com/a/answer/81126): keep spam rates below 0.10 % and avoid 0.30 %
 * and more. Yahoo, "Sender best practices" (https://senders.yahooinc.com/best-practices/): keep the spam rate below 0.3 %. Both
 * measure among their own users what reached the inbox, so that a rate over all recipients is an estimate.
 *
 * Amazon SES, "Reputation metrics messages" (https://docs.aws.amazon.com/ses/latest/dg/reputation-dashboard-messages.html):
 * accounts are reviewed from 5 % of hard bounces or 0.1 % of complaints, and may be paused from 10 % or 0.5 %. No mailbox
 * provider publishes a limit for bounces.
 */
const THRESHOLDS: Readonly<Partial<Record<RateName, readonly RateThreshold[]>>> = {
  complained: [
    { ...GMAIL, rate: 0.001, level: 'recommended' },
    { ...GMAIL, rate: 0.003, level: 'required' },
    { ...YAHOO, rate: 0.003, level: 'required' },
    { ...AMAZON, rate: 0.001, level: 'review' },
    { ...AMAZON, rate: 0.005, level: 'pause' },
  ],
  hardBounced: [
    { ...AMAZON, rate: 0.05, level: 'review' },
    { ...AMAZON, rate: 0.1, level: 'pause' },
  ],
};

/** The rates of some time. They do not include opens and clicks by machines. */
export function ratesOf({ counts, hardBounces }: EventSums): readonly Rate[] {
  const { sent = 0, delivered = 0, bounced = 0, complained = 0, opened = 0, clicked = 0 } = counts;
  const outcomes = delivered + bounced;
  const ofSent =
    outcomes > sent ? ({ base: 'outcomes', of: outcomes } as const) : ({ base: 'sent', of: sent } as const);
  const ofDelivered = { base: 'delivered', of: delivered } as const;
  return [
    rate('delivered', delivered, ofSent),
    rate('bounced', bounced, ofSent),
    rate('hardBounced', hardBounces, ofSent),
    rate('complained', complained, ofDelivered),
    rate('opened', opened, ofDelivered),
    rate('clicked', clicked, ofDelivered),
  ];
}

function rate(name: RateName, events: number, { base, of }: Pick<Rate, 'base' | 'of'>): Rate {
  return { name, events, base, of, rate: of === 0 ? null : events / of, thresholds: THRESHOLDS[name] ?? [] };
}
