import { type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/** The first of some fields that there is. */
export function firstOf(item: JsonItem, fields: readonly string[]): string | undefined {
  return fields.map((field) => scalarOf(item, field)).find((value) => value !== undefined);
}
