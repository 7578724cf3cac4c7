import { createHash } from 'node:crypto';
import { messageIdOf } from './message-id.ts';
import { scalarOf, textOf, type VendorEvent } from './vendor-event.ts';

const DEEPEST = 16;

/**
 * What makes an event itself: its content, since a repeated post may bring the same event under another `sg_event_id`.
 * https://github.com/sendgrid/sendgrid-nodejs/issues/1435
 */
export function identityOf(event: VendorEvent, occurredAt: Date): readonly (string | number)[] {
  const messageId = messageIdOf(event) ?? textOf(event, 'smtp-id');
  const recipient = textOf(event, 'email');
  const isNobodys = messageId === undefined && recipient === undefined;
  return [
    messageId ?? '',
    recipient ?? '',
    textOf(event, 'event') ?? '',
    occurredAt.getTime(),
    textOf(event, 'url') ?? '',
    scalarOf(event, 'attempt') ?? '',
    textOf(event, 'reason') ?? '',
    ...(isNobodys ? [digestOf(event)] : []),
  ];
}

function digestOf({ sg_event_id: _changes, ...rest }: VendorEvent): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(rest, 0)))
    .digest('base64url');
}

/** With the members in one order, since that of JSON means nothing. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => [name, sorted(item, depth + 1)]);
}
