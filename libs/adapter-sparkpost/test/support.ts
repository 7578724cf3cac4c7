import { SparkpostAdapter, SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { adapterAt } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_KEYS } from '../sandbox/index.ts';

export const WEBHOOK_PASSWORD = 'wOrNgUeSsEd-webhook-password';

export function adapterFor(server: { readonly url: string }): SparkpostAdapter {
  return adapterAt(SparkpostAdapter, 'sparkpost', server);
}

export function settings(overrides: Partial<SparkpostSettings> = {}): SparkpostSettings {
  const own = { apiKey: SANDBOX_KEYS.working, webhookPassword: WEBHOOK_PASSWORD };
  return Object.assign(new SparkpostSettings(), own, overrides);
}
