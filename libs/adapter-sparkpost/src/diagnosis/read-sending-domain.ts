import { AdapterError, type JsonItem, textOf } from '@score-crm/adapter-kit';
import type { SparkpostApi } from '../api/sparkpost-api.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';

/** `not_permitted`: the key cannot read the domains. */
export type SendingDomain = 'ready' | 'unverified' | 'blocked' | 'missing' | 'not_permitted';

/**
 * Returns whether the account can send from a domain.
 * https://developers.sparkpost.com/api/sending-domains
 * @throws AdapterError
 */
export async function readSendingDomain(
  api: SparkpostApi,
  settings: SparkpostSettings,
  domain: string,
  signal: AbortSignal,
): Promise<SendingDomain> {
  const call = { method: 'GET', resource: 'sending-domains', signal } as const;
  try {
    const results = ((await api.call(settings, call)).json() as { results?: unknown } | null)?.results;
    const domains = (Array.isArray(results) ? results : []).filter(isObject);
    const found = domains.find((one) => textOf(one, 'domain')?.toLowerCase() === domain.toLowerCase());
    return found === undefined ? 'missing' : stateOf(isObject(found['status']) ? found['status'] : {});
  } catch (error) {
    if (error instanceof AdapterError && error.details.status === 403) return 'not_permitted';
    throw error;
  }
}

function stateOf(status: JsonItem): SendingDomain {
  if (status['compliance_status'] === 'blocked') return 'blocked';
  return status['ownership_verified'] === true ? 'ready' : 'unverified';
}

function isObject(value: unknown): value is JsonItem {
  return typeof value === 'object' && value !== null;
}
