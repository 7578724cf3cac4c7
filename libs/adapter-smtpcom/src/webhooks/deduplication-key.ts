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

/** Details that only a later report may have: that the address does not exist, or that the vendor did not try it. */
const SEPARATE: ReadonlySet<BounceClass | undefined> = new Set(['hard', 'admin']);

/** The documented types of feedback: a complaint, and a request to be removed, which is a different event. */
const NAMED_FEEDBACK: ReadonlySet<string> = new Set(['spam', REMOVAL]);

type Identity = readonly (string | number)[];

/**
 * Returns the parts of the deduplication key. Most events have an id; those of the old format do not. A message bounces
 * once at one recipient, however often it is reported: `hard_bounced` follows `failed`. It is a separate event only if
 * the second report is the first to classify the address as hard.
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
  // Without one of these, two events could otherwise be equal; and for an unknown event, the relevant fields are
  // unknown.
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

/** The reader's client and address, and the type of feedback unless the event's name already includes it. */
function partsOf(item: JsonItem): readonly string[] {
  const isNamed = NAMED_FEEDBACK.has(textOf(item, 'feedback_type')?.toLowerCase() ?? '');
  return [...READER.ip, ...(isNamed ? [] : ['feedback_type'])];
}
