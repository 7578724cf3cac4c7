import { contentDigest, type JsonItem, textOf } from '@score-crm/adapter-kit';

/** An id as a text. Those of the vendor are larger than what a number holds: one that came as such has lost digits. */
export function idOf(event: JsonItem, field: string): string | undefined {
  const value = Object.hasOwn(event, field) ? event[field] : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : textOf(event, field);
}

/**
 * What makes an event itself: its type and `event_id`, since samples of the vendor share one id among all types. Where
 * there is no id, its content.
 */
export function identityOf(event: JsonItem, type: string): readonly string[] {
  return [type, idOf(event, 'event_id') ?? contentDigest(event)];
}
