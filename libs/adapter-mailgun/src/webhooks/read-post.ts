import { parseWebhookJson, type WebhookJson } from '@score-crm/adapter-kit';

/** A body as JSON, undefined if it cannot be parsed. It is read before it is authenticated, so it may hold anything. */
export function readPost(body: Uint8Array): WebhookJson | undefined {
  try {
    return parseWebhookJson(body);
  } catch {
    return undefined;
  }
}
