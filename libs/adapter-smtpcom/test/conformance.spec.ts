import { randomBytes } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SmtpcomAdapter } from '@score-crm/adapter-smtpcom';
import { startSandbox } from '../sandbox/index.ts';

const checks = conformanceChecks({
  adapter: SmtpcomAdapter,
  startSandbox,
  errorBody: (words) => JSON.stringify({ status: 'fail', data: { errors: { body: words } } }),
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const token = randomBytes(32).toString('base64url');
      return { settings: { webhookToken: token }, sign: () => ({ query: { token } }) };
    },
  },
});

describe('SMTP.com', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
