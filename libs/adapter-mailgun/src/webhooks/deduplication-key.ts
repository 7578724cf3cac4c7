import { contentDigest, type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/**
 * What makes an event itself: its id with its time, since an id is only unique within a day; for want of one of
 * the two, its content. The token of a post is no part
 * of it: another post may repeat the event.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure
 */
export function deduplicationKeyOf(
  data: JsonItem,
  name: string,
  occurredAt: Date | undefined,
): readonly (string | number)[] {
  return [name, occurredAt?.getTime() ?? contentDigest(data), scalarOf(data, 'id') ?? contentDigest(data)];
}
