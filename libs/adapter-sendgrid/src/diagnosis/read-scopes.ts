import { AdapterError, type HttpResponse } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';

/**
 * Reads the scopes of the key, e.g. `mail.send`. Any valid key may do this, and it has no side effects.
 * https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access
 * @throws AdapterError
 */
export async function readScopes(
  api: SendgridApi,
  settings: SendgridSettings,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const response = await api.call(settings, { method: 'GET', path: '/v3/scopes', signal });
  const scopes = (response.json() as { scopes?: unknown } | null)?.scopes;
  if (!Array.isArray(scopes)) throw notSendgrid(response);
  return new Set(scopes.filter((scope) => typeof scope === 'string'));
}

function notSendgrid({ status }: HttpResponse): AdapterError {
  const hint = 'The response is not from SendGrid. Check the base URL.';
  return new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint,
  });
}
