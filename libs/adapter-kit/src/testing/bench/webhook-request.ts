import type { WebhookHead, WebhookRequest } from '../../webhooks/webhook-receiver.ts';

/** A request as an adapter receives it. Header names may be in any case. */
export function webhookRequest(
  body: Uint8Array | string,
  { headers = {}, query = {} }: Partial<WebhookHead> = {},
): WebhookRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    headers: Object.fromEntries(lower),
    query,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}
