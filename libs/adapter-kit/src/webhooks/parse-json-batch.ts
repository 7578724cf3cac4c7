import type { ParsedEvent } from '../events/email-event.ts';
import { MalformedWebhookError } from './malformed-webhook.error.ts';

/**
 * Reads a body that is a JSON array of items; a single object counts as an array of one, and a body that holds nothing
 * (empty, `[]`, `{}`) as none.
 * @param parseItem what an item is: an event, or several, or none
 * @throws MalformedWebhookError if the body is no JSON, or neither array nor object
 */
export function parseJsonBatch(
  body: Uint8Array,
  parseItem: (item: unknown) => ParsedEvent | readonly ParsedEvent[],
): readonly ParsedEvent[] {
  const text = new TextDecoder().decode(body).trim();
  if (text === '') return [];
  const batch = readJson(text);
  if (Array.isArray(batch)) return batch.flatMap((item) => parseItem(item));
  if (typeof batch !== 'object' || batch === null) throw new MalformedWebhookError('The body is no list of events.');
  const items = Object.keys(batch).length === 0 ? [] : [batch];
  return items.flatMap((item) => parseItem(item));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MalformedWebhookError('The body is no JSON.');
  }
}
