import type { WebhookReceiver, WebhookRequest } from '@score-crm/adapter-kit';
import { cutText } from '../events/stored-text.ts';

const MAX_LENGTH = 200;

/** The query parameters that the raw form of a request needs; null if it needs none. The others may hold a secret. */
export function storedParameters(
  { parameters = [] }: WebhookReceiver,
  { query }: WebhookRequest,
): Readonly<Record<string, string>> | null {
  const entries = parameters.flatMap((name) => {
    const value = Object.hasOwn(query, name) ? query[name] : undefined;
    return typeof value === 'string' ? [[name, cutText(value, MAX_LENGTH)] as const] : [];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** The request as far as it is stored, which is all that is parsed: now, and again for the raw form of an item. */
export function storedRequest(
  contentType: string | null,
  parameters: Readonly<Record<string, string>> | null,
  body: Uint8Array,
): WebhookRequest {
  return {
    headers: contentType === null ? {} : { 'content-type': contentType },
    query: parameters ?? {},
    body,
  };
}
