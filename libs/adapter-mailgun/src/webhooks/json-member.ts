import { isJsonObject, type JsonItem } from '@score-crm/adapter-kit';

/** Returns a member that is an object, or an empty object for anything else. Mailgun writes an empty object as `[]`. */
export function objectIn(item: JsonItem, member: string): JsonItem {
  const value = Object.hasOwn(item, member) ? item[member] : undefined;
  return isJsonObject(value) ? value : {};
}
