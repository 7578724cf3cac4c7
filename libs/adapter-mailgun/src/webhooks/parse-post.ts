import { MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import { isObject } from './json-member.ts';
import { parseEvent } from './parse-event.ts';
import { readPost } from './read-post.ts';

/**
 * A post is one event: `{ "signature": { … }, "event-data": { … } }`.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
 * @throws MalformedWebhookError for anything else, unless it holds nothing at all
 */
export function parsePost(body: Uint8Array): readonly ParsedEvent[] {
  const post = readPost(body);
  if (post === undefined) throw new MalformedWebhookError('The body is no JSON.');
  if (post === '' || (Array.isArray(post) && post.length === 0)) return [];
  if (!isObject(post)) throw new MalformedWebhookError('The body is no post of an event.');
  return post['event-data'] === undefined ? [] : [parseEvent(post['event-data'])];
}
