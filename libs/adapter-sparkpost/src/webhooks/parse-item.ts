import type { JsonItem, ParsedEvent } from '@score-crm/adapter-kit';
import { parseEvent } from './parse-event.ts';

/**
 * The events of one item of a batch: `{ "msys": { "<class>": { … } } }`, in the order in which they stand there. An item
 * without a class is the vendor's test of the address and holds none; one with several holds several, each of which is kept
 * as the item with its own class alone.
 */
export function parseItem(item: unknown): readonly ParsedEvent[] {
  if (!isObject(item)) return [{ ok: false, reason: 'The item is no object.', raw: item }];
  const msys = Object.hasOwn(item, 'msys') ? item['msys'] : undefined;
  if (!isObject(msys)) return [{ ok: false, reason: 'The item has no msys.', raw: item }];
  return Object.entries(msys).map(([name, event]) => parseEvent(event, { ...item, msys: { [name]: event } }));
}

function isObject(value: unknown): value is JsonItem {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
