import { isJsonObject, type ParsedEvent } from '@score-crm/adapter-kit';
import { parseEvent } from './parse-event.ts';

/**
 * The events of one item of a batch, `{ "msys": { "<class>": { … } } }`. One without a class is the vendor's test of the
 * address and holds none; one with several holds several, in the order of the names of their classes, since that of the
 * members means nothing. Each keeps the whole item.
 */
export function parseItem(item: unknown): readonly ParsedEvent[] {
  if (!isJsonObject(item)) return [{ ok: false, reason: 'The item is not an object.', raw: item }];
  const msys = Object.hasOwn(item, 'msys') ? item['msys'] : undefined;
  if (!isJsonObject(msys)) return [{ ok: false, reason: 'The item has no msys.', raw: item }];
  return Object.entries(msys)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, event]) => parseEvent(event, item));
}
