import { isObject, type JsonObject } from './envelope.ts';

/** Returns the objects of a response: the data itself, or its `items`, since documentation and clients differ. */
export function itemsIn(data: JsonObject): readonly JsonObject[] {
  const { items = data } = data;
  const all: readonly unknown[] = Array.isArray(items) ? items : [items];
  return all.filter(isObject);
}
