import { isJsonObject, type ParsedEvent } from '@score-crm/adapter-kit';
import { parseEvent } from './parse-event.ts';

/**
 * Parses the events of one item of a batch, `{ "msys": { "<class>": { … } } }`. An item without a class is the vendor's
 * test of the URL and contains no event. One with several classes contains several events, in the order of the class
 * names, since the order of members has no meaning. Each event keeps the complete item.
 */
export function parseItem(item: unknown): readonly ParsedEvent[] {
  if (!isJsonObject(item)) return [{ ok: false, reason: 'The item is not an object.', raw: item }];
  const msys = Object.hasOwn(item, 'msys') ? item['msys'] : undefined;
  if (!isJsonObject(msys)) return [{ ok: false, reason: 'The item has no msys object.', raw: item }];
  return Object.entries(msys)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, event]) => parseEvent(event, item));
}
