import {
  type Bounce,
  type BounceClass,
  contentDigest,
  type JsonItem,
  presentParts,
  scalarOf,
  textOf,
} from '@score-crm/adapter-kit';
import { MESSAGE_ID, READER, REMOVAL } from '../assumptions.ts';
import { eventIdOf } from './event-id.ts';
import { firstOf } from './first-of.ts';
import { isVendorEvent } from './vendor-events.ts';

/** What a later report may say for the first time: that the address is dead, or that it was not even tried. */
const SEPARATE: ReadonlySet<BounceClass | undefined> = new Set(['hard', 'admin']);

/** What the vendor documents of feedback: a complaint, and a request to be removed, which is another event. */
const NAMED_FEEDBACK: ReadonlySet<string> = new Set(['spam', REMOVAL]);

type Identity = readonly (string | number)[];

/**
 * What makes an event itself. Most have an id of their own, those of the old format do not. A message bounces once at one
 * recipient, however often that is told: `hard_bounced` comes beside `failed`. Only where the second knows for the first
 * time that the address is dead, it is another event.
 * @param name the vendor's name of the event
 */
export function deduplicationKeyOf(
  item: JsonItem,
  name: string,
  occurredAt: Date | undefined,
  bounce: Bounce | undefined,
): Identity {
  const message = textOf(item, MESSAGE_ID) ?? '';
  const recipient = textOf(item, 'rcpt_to') ?? '';
  if ((name === 'failed' || name === 'hard_bounced') && message !== '' && recipient !== '') {
    return ['bounced', message, recipient, SEPARATE.has(bounce?.class) ? String(bounce?.class) : 'other'];
  }
  const id = eventIdOf(item);
  if (id !== undefined) return [name, message, recipient, id];
  // Without one of these, two events could have all the rest in common; and of an unknown event, which fields matter is unknown.
  const isVague = message === '' || recipient === '' || occurredAt === undefined || !isVendorEvent(name);
  return [
    name,
    message,
    recipient,
    occurredAt?.getTime() ?? '',
    scalarOf(item, 'tries') ?? '',
    firstOf(item, READER.url) ?? '',
    firstOf(item, READER.userAgent) ?? '',
    ...(isVague ? [contentDigest(item)] : presentParts(item, partsOf(item))),
  ];
}

/** Where the reader was, and the type of feedback, unless the name of the event already includes it. */
function partsOf(item: JsonItem): readonly string[] {
  const isNamed = NAMED_FEEDBACK.has(textOf(item, 'feedback_type')?.toLowerCase() ?? '');
  return [...READER.ip, ...(isNamed ? [] : ['feedback_type'])];
}
