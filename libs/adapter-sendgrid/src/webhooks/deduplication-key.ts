import { contentDigest, type EventKind, type JsonItem, presentParts, scalarOf, textOf } from '@score-crm/adapter-kit';
import { ENGAGEMENT } from './event-kinds.ts';
import { messageIdOf } from './message-id.ts';

/** Which of several equal links was clicked, and by whom: a forwarded message has several readers. */
const READER = ['url_offset', 'ip', 'useragent', 'sg_machine_open'];
/**
 * The suppression group that a recipient left or joined: leaving several groups at the same time is one event for each.
 */
const GROUP = ['asm_group_id', ...READER];
/** The receiver's reply: several attempts can be reported within a second. */
const ATTEMPT = ['response'];

/**
 * Returns the parts of the deduplication key. They are the content of the event, since a repeated request may contain
 * the same event under another `sg_event_id`.
 * https://github.com/sendgrid/sendgrid-nodejs/issues/1435
 */
export function deduplicationKeyOf(
  event: JsonItem,
  kind: EventKind,
  occurredAt: Date | undefined,
): readonly (string | number)[] {
  const messageId = messageIdOf(event) ?? textOf(event, 'smtp-id');
  // Without one of these, two events could otherwise be equal; and for an unknown kind, the relevant fields are
  // unknown.
  const isVague = messageId === undefined || occurredAt === undefined || kind === 'unknown';
  return [
    messageId ?? '',
    textOf(event, 'email') ?? '',
    textOf(event, 'event') ?? '',
    occurredAt?.getTime() ?? '',
    textOf(event, 'url') ?? '',
    scalarOf(event, 'attempt') ?? '',
    textOf(event, 'reason') ?? '',
    ...(isVague ? [digestOf(event)] : presentParts(event, partsOf(event, kind))),
  ];
}

function partsOf(event: JsonItem, kind: EventKind): readonly string[] {
  // Other events name a group too, but occur only once.
  if (textOf(event, 'event')?.startsWith('group_') === true) return GROUP;
  if (ENGAGEMENT.has(kind)) return READER;
  return kind === 'deferred' ? ATTEMPT : [];
}

function digestOf({ sg_event_id: _changes, ...rest }: JsonItem): string {
  return contentDigest(rest);
}
