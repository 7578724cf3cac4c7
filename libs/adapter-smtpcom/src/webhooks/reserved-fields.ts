import { MESSAGE_ID, READER, TIMES } from '../assumptions.ts';

/**
 * The vendor's own fields of an event. The sender's unique arguments are next to them, on the same level.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide, https://kb.smtp.com/article/2136
 */
const FIELDS: ReadonlySet<string> = new Set([
  MESSAGE_ID,
  ...TIMES,
  ...Object.values(READER).flat(),
  'channel',
  'event',
  'event_code',
  'event_label',
  'feedback_type',
  'id',
  'mail_from',
  'msg_id',
  'rcpt_to',
  'resolution',
  'sender_id',
  'status',
  'subject',
  'tries',
]);
const FAMILIES = /^(?:event|feedback|resp|time|tracking)_/;

/** Whether an event's field of this name belongs to the vendor and is not a unique argument of the sender. */
export function isReservedField(name: string): boolean {
  return FIELDS.has(name) || FAMILIES.test(name);
}
