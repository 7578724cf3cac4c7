import { isJsonObject, MalformedWebhookError, type ParsedEvent, parseWebhookJson } from '@score-crm/adapter-kit';
import { parseEvent } from './parse-event.ts';

/**
 * Parses a request, which is one event: `{ "signature": { … }, "event-data": { … } }`.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 * @throws MalformedWebhookError for anything else, unless the body is empty
 */
export function parsePost(body: Uint8Array): readonly ParsedEvent[] {
  const { json: post, deepItems } = parseWebhookJson(body);
  if (deepItems.size > 0) throw new MalformedWebhookError('JSON is nested too deeply.');
  if (post === undefined || (Array.isArray(post) && post.length === 0)) return [];
  if (!isJsonObject(post)) throw new MalformedWebhookError('The body is not an event.');
  return post['event-data'] === undefined ? [] : [parseEvent(post['event-data'])];
}
