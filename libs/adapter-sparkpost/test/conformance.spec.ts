import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SparkpostAdapter } from '@score-crm/adapter-sparkpost';
import { startSandbox } from '../sandbox/index.ts';

const checks = conformanceChecks({
  adapter: SparkpostAdapter,
  startSandbox,
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const webhookPassword = randomBytes(24).toString('base64url');
      const authorization = `Basic ${Buffer.from(`score-crm:${webhookPassword}`).toString('base64')}`;
      return { settings: { webhookPassword }, sign: () => ({ headers: { authorization } }) };
    },
  },
  errorBody: (words) => JSON.stringify({ errors: [{ message: words, code: '1300' }] }),
});

describe('SparkPost', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
