import { contentDigest, type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/**
 * Returns the parts of the deduplication key: the id of the event with its time, since ids are unique only within a
 * day; if one of them is missing, the content. The token of a request is not included: another request may repeat the
 * event.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
 */
export function deduplicationKeyOf(
  data: JsonItem,
  name: string,
  occurredAt: Date | undefined,
): readonly (string | number)[] {
  return [name, occurredAt?.getTime() ?? contentDigest(data), scalarOf(data, 'id') ?? contentDigest(data)];
}
