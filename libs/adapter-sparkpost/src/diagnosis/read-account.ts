import { AdapterError, type JsonItem, textOf } from '@score-crm/adapter-kit';
import type { SparkpostApi } from '../api/sparkpost-api.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';

/**
 * Reads the `status` of the account, without side effects.
 * https://developers.sparkpost.com/api/account
 * @throws AdapterError; status 403 means that the key is known but lacks the permission
 */
export async function readAccountStatus(
  api: SparkpostApi,
  settings: SparkpostSettings,
  signal: AbortSignal,
): Promise<string> {
  const response = await api.call(settings, { method: 'GET', resource: 'account', signal });
  const results = (response.json() as { results?: unknown } | null)?.results;
  const status = typeof results === 'object' && results !== null ? textOf(results as JsonItem, 'status') : undefined;
  if (status !== undefined) return status;
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status: response.status,
    hint: 'The response is not from SparkPost. Check the region and the base URL.',
  });
}
