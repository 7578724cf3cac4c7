import { contentDigest, type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/**
 * What makes an event itself: its type and `event_id`, since samples of the vendor share one id among all types. Where
 * there is no id, its content.
 */
export function deduplicationKeyOf(event: JsonItem, type: string): readonly string[] {
  return [type, scalarOf(event, 'event_id') ?? contentDigest(event)];
}
