import type { HttpResponse } from '@score-crm/adapter-kit';

/**
 * What the vendor says of a refusal: mostly `message`; `Reason` or `Description` where it concerns a webhook; a text alone
 * for a key that it does not take.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 */
export function vendorWords(response: HttpResponse): string {
  const body = response.jsonOrUndefined();
  if (typeof body === 'string') return body;
  const { message, Reason, Description } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const words = [message, Reason, Description].find((text) => typeof text === 'string' && text !== '');
  return typeof words === 'string' ? words : response.text().trim();
}
