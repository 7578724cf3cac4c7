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
