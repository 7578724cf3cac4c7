import { contentDigest, type JsonItem, scalarOf, textOf } from '@score-crm/adapter-kit';
import { messageIdOf } from './message-id.ts';

/**
 * What makes an event itself: its content, since a repeated post may bring the same event under another `sg_event_id`.
 * https://github.com/sendgrid/sendgrid-nodejs/issues/1435
 */
export function identityOf(event: JsonItem, occurredAt: Date): readonly (string | number)[] {
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

function digestOf({ sg_event_id: _changes, ...rest }: JsonItem): string {
  return contentDigest(rest);
}
