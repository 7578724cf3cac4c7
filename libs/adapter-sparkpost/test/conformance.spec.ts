import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SparkpostAdapter, type SparkpostSettings } from '@score-crm/adapter-sparkpost';
import { startSandbox } from '@score-crm/adapter-sparkpost/sandbox';

const checks = conformanceChecks<SparkpostSettings>({
  adapter: SparkpostAdapter,
  startSandbox,
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const webhookPassword = randomBytes(24).toString('base64url');
      const authorization = `Basic ${Buffer.from(`score-crm:${webhookPassword}`).toString('base64')}`;
      return { settings: { webhookPassword }, prove: () => ({ headers: { authorization } }) };
    },
  },
  errorBody: (message) => JSON.stringify({ errors: [{ message, code: '1300' }] }),
  ...(process.env['TEST_LONG'] === '1' ? { runs: 100_000 } : {}),
});

describe('the adapter', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
