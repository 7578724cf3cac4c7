import { contentDigest, type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/**
 * Returns the parts of the deduplication key: the type and `event_id`, since the vendor's samples share one id among
 * all types. Without an id, the content of the event.
 */
export function deduplicationKeyOf(event: JsonItem, type: string): readonly string[] {
  return [type, scalarOf(event, 'event_id') ?? contentDigest(event)];
}
