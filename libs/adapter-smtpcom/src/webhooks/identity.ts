import { type Bounce, type BounceClass, contentDigest, type JsonItem, scalarOf, textOf } from '@score-crm/adapter-kit';
import { MESSAGE_ID, READER } from '../assumptions.ts';
import { eventIdOf } from './event-id.ts';
import { firstOf } from './first-of.ts';

/** What a later report may say for the first time: that the address is dead, or that it was not even tried. */
const SEPARATE: ReadonlySet<BounceClass | undefined> = new Set(['hard', 'admin']);

type Identity = readonly (string | number)[];

/**
 * What makes an event itself. Most have an id of their own, those of the old format do not. A message bounces once at one
 * recipient, however often that is told: `hard_bounced` comes beside `failed`. Only where the second knows for the first
 * time that the address is dead, it is another event.
 * @param name the vendor's name of the event
 */
export function identityOf(item: JsonItem, name: string, occurredAt: Date, bounce: Bounce | undefined): Identity {
  const message = textOf(item, MESSAGE_ID) ?? '';
  const recipient = textOf(item, 'rcpt_to') ?? '';
  if ((name === 'failed' || name === 'hard_bounced') && message !== '' && recipient !== '') {
    return ['bounced', message, recipient, SEPARATE.has(bounce?.class) ? String(bounce?.class) : 'other'];
  }
  const id = eventIdOf(item);
  if (id !== undefined) return [name, message, recipient, id];
  return [
    name,
    message,
    recipient,
    occurredAt.getTime(),
    scalarOf(item, 'tries') ?? '',
    firstOf(item, READER.url) ?? '',
    firstOf(item, READER.userAgent) ?? '',
    ...(message === '' || recipient === '' ? [contentDigest(item)] : []),
  ];
}
