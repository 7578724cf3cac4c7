import type { EventKind } from '../../api/types.ts';
import type { Tone } from '../../ui/status.tsx';

interface Look {
  readonly label: string;
  readonly tone: Tone;
}

/** Label and color of each kind of event, in the order of a message's life. */
export const EVENT_KINDS: Readonly<Record<EventKind, Look>> = {
  queued: { label: 'Queued', tone: 'neutral' },
  sent: { label: 'Sent', tone: 'neutral' },
  delivered: { label: 'Delivered', tone: 'ok' },
  opened: { label: 'Opened', tone: 'accent' },
  clicked: { label: 'Clicked', tone: 'accent' },
  deferred: { label: 'Deferred', tone: 'warn' },
  bounced: { label: 'Bounced', tone: 'bad' },
  rejected: { label: 'Rejected', tone: 'bad' },
  failed: { label: 'Failed', tone: 'bad' },
  complained: { label: 'Complained', tone: 'bad' },
  unsubscribed: { label: 'Unsubscribed', tone: 'warn' },
  subscribed: { label: 'Subscribed', tone: 'ok' },
  unknown: { label: 'Unknown', tone: 'neutral' },
};

export function isEventKind(value: unknown): value is EventKind {
  return typeof value === 'string' && Object.hasOwn(EVENT_KINDS, value);
}
