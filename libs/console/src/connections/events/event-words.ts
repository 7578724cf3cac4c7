import type { TrackedEvent } from '../../api/types.ts';

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
    meaning: 'A test message, or an event that the vendor sent to test the webhook. Not counted.',
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
