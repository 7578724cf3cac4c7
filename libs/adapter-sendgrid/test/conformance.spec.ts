import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { startSandbox, WebhookSigner } from '../sandbox/index.ts';

const checks = conformanceChecks({
  adapter: SendgridAdapter,
  startSandbox,
  errorBody: (message) => JSON.stringify({ errors: [{ message, field: null, help: null }] }),
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const signer = new WebhookSigner();
      return {
        settings: { webhookSigningKey: signer.publicKey },
        sign: (body) => ({ headers: signer.headersFor(body) }),
      };
    },
    repeated: (event) => ({ ...event, sg_event_id: 'another' }),
  },
  runs: process.env['TEST_LONG'] === '1' ? 100_000 : 100,
});

describe('SendGrid', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
