/** Where messages of a connection are posted to; behind the connection's id. */
export const MESSAGES_PATH = 'api/v1/connections/:id/messages';

/** Bytes; attachments are base64 in it. */
export const MESSAGE_BODY_LIMIT = 30 << 20;

export function isMessagesRoute(url: string | undefined): boolean {
  return url === `/${MESSAGES_PATH}`;
}
