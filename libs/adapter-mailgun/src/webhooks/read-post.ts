import { parseWebhookJson, type WebhookJson } from '@score-crm/adapter-kit';

/**
 * Parses a body as JSON. Returns undefined if that fails. It runs before authentication, so the body may be anything.
 */
export function readPost(body: Uint8Array): WebhookJson | undefined {
  try {
    return parseWebhookJson(body);
  } catch {
    return undefined;
  }
}
