import { type JsonItem, scalarOf } from '@score-crm/adapter-kit';

/** Returns the first of these fields that is present. */
export function firstOf(item: JsonItem, fields: readonly string[]): string | undefined {
  return fields.map((field) => scalarOf(item, field)).find((value) => value !== undefined);
}
