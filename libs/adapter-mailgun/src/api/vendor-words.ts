import type { HttpResponse } from '@score-crm/adapter-kit';

/**
 * Returns the vendor's text about a rejection: usually `message`; `Reason` or `Description` if it concerns a webhook;
 * plain text for a rejected key.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 */
export function vendorWords(response: HttpResponse): string {
  const body = response.jsonOrUndefined();
  if (typeof body === 'string') return body;
  const { message, Reason, Description } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const words = [message, Reason, Description].find((text) => typeof text === 'string' && text !== '');
  return typeof words === 'string' ? words : response.text().trim();
}
