import { AdapterError, type HttpResponse, type JsonItem, textOf } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import { scrubberOf } from '../api/scrubber.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/**
 * Reads whether the domain can send.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domains/get-v4-domains--name-
 * @returns the reason why not, or undefined if it can
 * @throws AdapterError 401 or 403 for an invalid key and for one that can only send
 */
export async function readDomain(
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal,
): Promise<AdapterError | undefined> {
  const path = `/v4/domains/${encodeURIComponent(settings.domain)}`;
  const response = await api.call(settings, { method: 'GET', path, signal });
  const domain = (response.json() as { readonly domain?: unknown } | null)?.domain;
  if (typeof domain !== 'object' || domain === null) throw notMailgun(response);
  const state = textOf(domain as JsonItem, 'state');
  if (state === 'unverified') return unverified();
  return state === 'disabled' ? disabled(reasonOf(domain as JsonItem), settings) : undefined;
}

function reasonOf({ disabled }: JsonItem): string {
  const { reason } = (disabled ?? {}) as { readonly reason?: unknown };
  return typeof reason === 'string' ? reason : '';
}

function unverified(): AdapterError {
  return new AdapterError({
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    retryable: false,
    hint: 'Mailgun has not verified the domain. Set the DNS records that it shows for the domain, then verify it there.',
  });
}

function disabled(reason: string, settings: MailgunSettings): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: 'Mailgun has disabled the domain, so it cannot send. Check the domain there.',
    ...(reason === '' ? {} : { reply: scrubberOf(settings)(reason) }),
  });
}

function notMailgun({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint: 'The response is not from Mailgun. Check the base URL.',
  });
}
