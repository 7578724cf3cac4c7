import type { TrackedEvent } from '../../api/types.ts';

type Bounce = NonNullable<TrackedEvent['bounce']>;

interface Words {
  readonly label: string;
  readonly meaning: string;
}

export const BOUNCE_CLASSES: Readonly<Record<Bounce['class'], Words>> = {
  hard: { label: 'Hard', meaning: 'The address is dead: nothing should be sent to it any more.' },
  soft: { label: 'Soft', meaning: 'It did not work this time, and may work at another.' },
  block: { label: 'Block', meaning: 'The receiver refused the sender, which says nothing about the address.' },
  policy: { label: 'Policy', meaning: 'A rule of the receiver or of the vendor was against it.' },
  admin: { label: 'Admin', meaning: 'Somebody, or a suppression list, has it that nothing is sent there.' },
  unknown: { label: 'Unknown', meaning: 'The vendor does not say why.' },
};

export const ATTRIBUTIONS: Readonly<Record<TrackedEvent['attribution'], Words>> = {
  own: { label: 'Ours', meaning: 'It is about a message that was sent through this connection.' },
  foreign: {
    label: 'Foreign',
    meaning: 'It is about a message of another connection, which shares the account at the vendor. It is not counted.',
  },
  unmatched: {
    label: 'Unmatched',
    meaning: 'It names no connection. Its message may have been sent by another system with the same account.',
  },
  test: {
    label: 'Test',
    meaning: 'It is about a test message, or was made to try the webhook out. It is not counted.',
  },
};

/** What there is to know of an event, in a line; empty where its kind says it all. */
export function summaryOf({ bounce, url, machine }: TrackedEvent): string {
  if (bounce !== null) {
    const { code, enhancedCode, reason = '' } = bounce;
    const codes = [code, enhancedCode].filter((each) => each !== undefined).map(String);
    // Receivers begin their words with the same codes.
    const words = codes.reduce(
      (rest, each) => (rest.startsWith(each) ? rest.slice(each.length).trim() : rest),
      reason.trim(),
    );
    return [BOUNCE_CLASSES[bounce.class].label, codes.join(' '), words].filter((part) => part !== '').join(' · ');
  }
  if (url !== null) return url.replace(/^https?:\/\//, '');
  return machine === true ? 'By a machine' : '';
}
