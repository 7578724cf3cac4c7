import { type JsonItem, textOf } from '@score-crm/adapter-kit';
import { EVENT_ID } from '../assumptions.ts';

/** Returns the vendor's id of an event. The old format has none. */
export function eventIdOf(item: JsonItem): string | undefined {
  const id = textOf(item, 'id');
  return id !== undefined && EVENT_ID.test(id) ? id : undefined;
}
