import { isJsonObject, type JsonItem } from '@score-crm/adapter-kit';

/** A member that is an object; an empty one for anything else. Mailgun writes an empty object as `[]`. */
export function objectIn(item: JsonItem, member: string): JsonItem {
  const value = Object.hasOwn(item, member) ? item[member] : undefined;
  return isJsonObject(value) ? value : {};
}
