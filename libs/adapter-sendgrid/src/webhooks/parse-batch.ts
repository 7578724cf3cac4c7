import { MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import { parseEvent } from './parse-event.ts';

/**
 * A post is an array of events; a single object counts as an array of one.
 * @throws MalformedWebhookError if the body is no JSON, or neither array nor object
 */
export function parseBatch(body: Uint8Array): readonly ParsedEvent[] {
  const text = new TextDecoder().decode(body).trim();
  if (text === '') return [];
  const batch = readJson(text);
  if (Array.isArray(batch)) return batch.map(parseEvent);
  if (typeof batch !== 'object' || batch === null) throw new MalformedWebhookError('The body is no list of events.');
  return Object.keys(batch).length === 0 ? [] : [parseEvent(batch)];
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MalformedWebhookError('The body is no JSON.');
  }
}
