import {
  type Bounce,
  type BounceClass,
  type EmailEvent,
  type EventKind,
  isJsonObject,
  type JsonItem,
  omitUndefined,
  type ParsedEvent,
  parsedEvent,
  textOf,
  unixTime,
} from '@score-crm/adapter-kit';

export const EVENT_KINDS: ReadonlyMap<string, EventKind> = new Map([
  ['accepted', 'queued'],
  ['delivered', 'delivered'],
  ['delayed', 'deferred'],
  ['bounced', 'bounced'],
  ['refused', 'rejected'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['complained', 'complained'],
  ['unsubscribed', 'unsubscribed'],
]);

/** @param stream from the query: events of the stream `test` belong to no message */
export function parseEvent(item: unknown, stream: string): ParsedEvent {
  if (!isJsonObject(item)) return { ok: false, reason: 'The item is not an object.', raw: item };
  const fields = item;
  const name = textOf(fields, 'kind');
  const occurredAt = unixTime(typeof fields['at'] === 'number' ? fields['at'] : undefined);
  const id = textOf(fields, 'id');
  if (name === undefined || id === undefined) {
    return { ok: false, reason: 'The item has no kind or no id.', raw: item };
  }
  const event: EmailEvent = {
    kind: EVENT_KINDS.get(name) ?? 'unknown',
    ...omitUndefined('occurredAt', occurredAt),
    vendorEventId: id,
    ...omitUndefined('recipient', textOf(fields, 'to')),
    ...omitUndefined('messageId', textOf(fields, 'message')),
    ...omitUndefined('url', textOf(fields, 'url')),
    ...(typeof fields['machine'] === 'boolean' ? { machine: fields['machine'] } : {}),
    ...(name === 'bounced' ? { bounce: bounceOf(fields) } : {}),
    ...omitUndefined('metadata', metadataOf(fields['metadata'])),
    ...(stream === 'test' ? { test: true as const } : {}),
    raw: item,
  };
  // An id is repeated with its event. Several kinds of event can share an id.
  return parsedEvent(event, [id, name]);
}

function bounceOf(fields: JsonItem): Bounce {
  const kind = textOf(fields, 'class');
  const known: readonly BounceClass[] = ['hard', 'soft', 'block'];
  return {
    class: known.find((one) => one === kind) ?? 'unknown',
    ...(typeof fields['code'] === 'number' ? { code: fields['code'] } : {}),
    ...omitUndefined('reason', textOf(fields, 'text')),
  };
}

function metadataOf(value: unknown): Record<string, string> | undefined {
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).filter(([, text]) => typeof text === 'string');
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Record<string, string>);
}
