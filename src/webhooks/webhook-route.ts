/** Fastify's pattern of the one address that vendors post to. */
export const WEBHOOK_PATH = 'webhooks/v2/:vendor/:connectionId';

/** The most bytes that any vendor's webhook takes; each adapter has a limit of its own within it. */
export const WEBHOOK_BODY_LIMIT = 10 << 20;

export function isWebhookRoute(url: string | undefined): boolean {
  return url === `/${WEBHOOK_PATH}`;
}
