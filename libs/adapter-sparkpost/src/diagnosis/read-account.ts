import { AdapterError, type JsonItem, textOf } from '@score-crm/adapter-kit';
import type { SparkpostApi } from '../api/sparkpost-api.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';

/**
 * The `status` of the account. Nothing happens by asking.
 * https://developers.sparkpost.com/api/account
 * @throws AdapterError; one with the status 403 says that the key is known, and may not ask
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
    hint: 'The answer is not that of SparkPost. Check the region and the base URL.',
  });
}
