import type { EventKind, FeedKind, TrackedEvent } from '../../api/types.ts';
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

/** With those that are not about an email. */
export const FEED_KINDS: Readonly<Record<FeedKind, Look>> = {
  ...EVENT_KINDS,
  webhook_health_changed: { label: 'Webhook health', tone: 'accent' },
};

export function isFeedKind(value: unknown): value is FeedKind {
  return typeof value === 'string' && Object.hasOwn(FEED_KINDS, value);
}

export function isEventKind(value: unknown): value is EventKind {
  return typeof value === 'string' && Object.hasOwn(EVENT_KINDS, value);
}

type Bounce = NonNullable<TrackedEvent['bounce']>;

interface Words {
  readonly label: string;
  readonly meaning: string;
}

export const BOUNCE_CLASSES: Readonly<Record<Bounce['class'], Words>> = {
  hard: { label: 'Hard', meaning: 'The address does not exist. Stop sending to it.' },
  soft: { label: 'Soft', meaning: 'A temporary failure. A later message may arrive.' },
  block: { label: 'Block', meaning: 'The receiving server blocked the sender. The address itself may be valid.' },
  policy: { label: 'Policy', meaning: 'The message broke a rule of the receiving server or the vendor.' },
  admin: { label: 'Admin', meaning: 'The vendor did not try: the address is suppressed, or a limit was reached.' },
  unknown: { label: 'Unknown', meaning: 'The vendor did not report a reason.' },
};

export const ATTRIBUTIONS: Readonly<Record<TrackedEvent['attribution'], Words>> = {
  own: { label: 'This connection', meaning: 'The message was sent through this connection.' },
  foreign: {
    label: 'Other connection',
    meaning: 'The message was sent through another connection that shares the vendor account. Not counted here.',
  },
  unmatched: {
    label: 'Unmatched',
    meaning: 'The event names no connection. Another system may have sent the message with the same account.',
  },
  test: {
    label: 'Test',
    meaning: 'A test message, a sample event, or an event that the vendor sent to test the webhook. Not counted.',
  },
};

/** The most important detail of an event in one line; empty if its kind says everything. */
export function summaryOf({ bounce, reply, url, machine }: TrackedEvent): string {
  if (bounce !== null) {
    const { code, enhancedCode, reason = '' } = bounce;
    const codes = [code, enhancedCode].filter((each) => each !== undefined).map(String);
    // Servers begin their replies with the same codes.
    const words = codes.reduce(
      (rest, each) => (rest.startsWith(each) ? rest.slice(each.length).trim() : rest),
      reason.trim(),
    );
    return [BOUNCE_CLASSES[bounce.class].label, codes.join(' '), words].filter((part) => part !== '').join(' · ');
  }
  if (url !== null) return url.replace(/^https?:\/\//, '');
  if (reply !== null) return reply;
  return machine === true ? 'By a machine' : '';
}
