import {
  type Bounce,
  type EmailEvent,
  type EventKind,
  isJsonObject,
  type JsonItem,
  omitUndefined,
  type ParsedEvent,
  parsedEvent,
  scalarOf,
  textOf,
  unixTime,
} from '@score-crm/adapter-kit';
import { bareMessageId } from '../message/message-id.ts';
import { ENGAGEMENT, EVENT_KINDS, nameOf, REPLIED } from './event-kinds.ts';
import { failureOf, isSuppressed, rejectionOf, replyOf } from './failure.ts';
import { deduplicationKeyOf } from './deduplication-key.ts';
import { isTest } from './is-test.ts';
import { objectIn } from './json-member.ts';
import { senderDataOf } from './sender-data.ts';

/** Parses the `event-data` of a request. Data that are not an event, or have no kind, are kept unchanged. */
export function parseEvent(data: unknown): ParsedEvent {
  if (!isJsonObject(data)) return { ok: false, reason: 'The event-data is not an object.', raw: data };
  const name = nameOf(data);
  if (name === undefined) return { ok: false, reason: 'The event-data has no event name.', raw: data };
  const time = unixTime(scalarOf(data, 'timestamp'));
  return parsedEvent(emailEvent(data, kindOf(data, name), time), deduplicationKeyOf(data, name, time));
}

function kindOf(data: JsonItem, name: string): EventKind {
  const kind = EVENT_KINDS.get(name) ?? 'unknown';
  return kind === 'bounced' && isSuppressed(data) ? 'rejected' : kind;
}

function emailEvent(data: JsonItem, kind: EventKind, time: Date | undefined): EmailEvent {
  const messageId = messageIdOf(data);
  const client = objectIn(data, 'client-info');
  return {
    kind,
    ...omitUndefined('occurredAt', time),
    ...omitUndefined('recipient', textOf(data, 'recipient')),
    ...omitUndefined('messageId', messageId),
    ...omitUndefined('vendorEventId', scalarOf(data, 'id')),
    ...omitUndefined('bounce', bounceOf(data, kind)),
    ...(REPLIED.has(kind) ? omitUndefined('reply', replyOf(data)) : {}),
    ...(kind === 'clicked' ? omitUndefined('url', textOf(data, 'url')) : {}),
    ...omitUndefined('userAgent', textOf(client, 'user-agent')),
    ...(ENGAGEMENT.has(kind) ? omitUndefined('ip', textOf(data, 'ip')) : {}),
    ...(kind === 'opened' || kind === 'clicked' ? omitUndefined('machine', isMachine(client)) : {}),
    ...senderDataOf(data),
    ...(isTest(data, messageId) ? { test: true as const } : {}),
    raw: data,
  };
}

function messageIdOf(data: JsonItem): string | undefined {
  const id = textOf(objectIn(objectIn(data, 'message'), 'headers'), 'message-id');
  return id === undefined ? undefined : bareMessageId(id);
}

function bounceOf(data: JsonItem, kind: EventKind): Bounce | undefined {
  if (kind === 'bounced') return failureOf(data);
  if (kind !== 'rejected') return undefined;
  return isSuppressed(data) ? failureOf(data) : rejectionOf(data);
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/tracking-messages/open-click-bot-detect */
function isMachine(client: JsonItem): boolean | undefined {
  return Object.hasOwn(client, 'bot') ? textOf(client, 'bot') !== undefined : undefined;
}
