import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { PostmarkAdapter } from '@score-crm/adapter-postmark';
import { startSandbox } from '../sandbox/index.ts';

const checks = conformanceChecks({
  adapter: PostmarkAdapter,
  startSandbox,
  errorBody: (words) => JSON.stringify({ ErrorCode: 300, Message: words }),
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const webhookPassword = randomBytes(32).toString('base64url');
      const authorization = `Basic ${Buffer.from(`score-crm:${webhookPassword}`).toString('base64')}`;
      return { settings: { webhookPassword }, sign: () => ({ headers: { authorization } }) };
    },
  },
});

describe('Postmark', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
