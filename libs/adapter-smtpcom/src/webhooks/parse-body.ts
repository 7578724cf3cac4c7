import { MalformedWebhookError, type ParsedEvent, parseJsonBatch } from '@score-crm/adapter-kit';

/**
 * Parses a body that is a JSON array, as documented, or a form with that array as the text of one of its fields, as the
 * old format may have been sent.
 * @throws MalformedWebhookError if it is neither
 */
export function parseBody(body: Uint8Array, parseItem: (item: unknown) => ParsedEvent): readonly ParsedEvent[] {
  const text = new TextDecoder().decode(body).trim();
  if (text === '' || isJson(text)) return parseJsonBatch(body, parseItem);
  const value = [...new URLSearchParams(text).values()].find((field) => isJson(field.trim()));
  if (value === undefined) throw new MalformedWebhookError('The body is neither JSON nor a form that contains JSON.');
  return parseJsonBatch(Buffer.from(value), parseItem);
}

/** Whether a text starts like an array or an object. */
function isJson(text: string): boolean {
  return text.startsWith('[') || text.startsWith('{');
}
