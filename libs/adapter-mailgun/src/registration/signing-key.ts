import { AdapterError, type JsonItem, textOf } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { WEBHOOK_ERRORS } from './webhook-error-map.ts';

const PATH = '/v5/accounts/http_signing_key';
// The statuses for a missing permission or key. A new key is never generated: it would change the key of the whole
// account.
const UNTOLD: ReadonlySet<number | undefined> = new Set([400, 401, 403, 404]);

/**
 * Reads the key that signs the account's webhooks.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/account-management/get-v5-accounts-http_signing_key
 * @returns undefined if the API key cannot read it, or there is none
 * @throws AdapterError for any other failure
 */
export async function readSigningKey(
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const response = await api.call(settings, { method: 'GET', path: PATH, signal }, WEBHOOK_ERRORS);
    return textOf((response.jsonOrUndefined() ?? {}) as JsonItem, 'http_signing_key');
  } catch (error) {
    if (error instanceof AdapterError && UNTOLD.has(error.details.status)) return undefined;
    throw error;
  }
}

export function signingKeyNeeded(): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint: 'This API key cannot read the webhook signing key. Copy the HTTP webhook signing key from Account settings, API security, save it here, and register again.',
    pointer: '/webhookSigningKey',
  });
}
