import type { EventKind } from '../../api/types.ts';
import { EVENT_KINDS, isEventKind } from '../events/event-words.ts';

type Counts = Readonly<Partial<Record<EventKind, number>>>;

export interface Metric {
  readonly kind: EventKind;
  readonly label: string;
  /** How many events there are. */
  readonly count: number;
  /** Share of the base, 0 to 1; undefined without a base, or where a share has no meaning. */
  readonly rate?: number;
  /** What the rate is a share of, such as `1,240 sent`. */
  readonly base?: string;
}

export interface Metrics {
  readonly main: readonly Metric[];
  /** Kinds without a rate that occurred, in the order of a message's life. */
  readonly others: readonly { readonly kind: EventKind; readonly count: number }[];
}

/** Reported by sending itself, whether the vendor has webhooks or not. */
const OWN: ReadonlySet<EventKind> = new Set(['sent', 'rejected']);
const MAIN: readonly { readonly kind: EventKind; readonly label: string; readonly of?: 'sent' | 'delivered' }[] = [
  { kind: 'sent', label: 'Sent' },
  { kind: 'delivered', label: 'Delivered', of: 'sent' },
  { kind: 'bounced', label: 'Bounced', of: 'sent' },
  { kind: 'opened', label: 'Opens', of: 'delivered' },
  { kind: 'clicked', label: 'Clicks', of: 'delivered' },
  { kind: 'complained', label: 'Complaints', of: 'delivered' },
];
const number = new Intl.NumberFormat('en');

/**
 * The few figures that show how a connection does. Deliveries and bounces are shares of what was sent; opens, clicks and
 * complaints of what was delivered. An account may also send messages of other systems that are counted: then the
 * deliveries and bounces together are the base, so that no share of them exceeds 100 %.
 * @param reported the kinds that the vendor reports
 */
export function metricsOf(counts: Counts, reported: readonly EventKind[]): Metrics {
  const countOf = (kind: EventKind): number => counts[kind] ?? 0;
  const outcomes = countOf('delivered') + countOf('bounced');
  const bases = {
    sent: outcomes > countOf('sent') ? ([outcomes, 'with a result'] as const) : ([countOf('sent'), 'sent'] as const),
    delivered: [countOf('delivered'), 'delivered'] as const,
  };
  const isShown = (kind: EventKind): boolean => OWN.has(kind) || reported.includes(kind) || countOf(kind) > 0;
  const main = MAIN.filter(({ kind }) => isShown(kind)).map(({ kind, label, of }) => {
    const count = countOf(kind);
    if (of === undefined) return { kind, label, count };
    const [size, name] = bases[of];
    return {
      kind,
      label,
      count,
      base: `${number.format(size)} ${name}`,
      ...(size === 0 ? {} : { rate: count / size }),
    };
  });
  const others = Object.keys(EVENT_KINDS)
    .filter(isEventKind)
    .filter((kind) => !MAIN.some((metric) => metric.kind === kind) && countOf(kind) > 0)
    .map((kind) => ({ kind, count: countOf(kind) }));
  return { main, others };
}

/** `95.2%`, `0.02%`: rates of complaints matter at two decimals. */
export function percentage(rate: number): string {
  const maximumFractionDigits = rate > 0 && rate < 0.01 ? 2 : 1;
  return new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits }).format(rate);
}
