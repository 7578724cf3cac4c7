import { isObject, type JsonObject } from './envelope.ts';

/** What an answer tells of: the data itself, or what is among its `items`, since documentation and clients differ. */
export function itemsIn(data: JsonObject): readonly JsonObject[] {
  const { items = data } = data;
  const all: readonly unknown[] = Array.isArray(items) ? items : [items];
  return all.filter(isObject);
}
