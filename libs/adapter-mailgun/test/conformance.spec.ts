import { describe, it } from '@jest/globals';
import { conformanceChecks } from '@score-crm/adapter-kit/testing';
import { MailgunAdapter } from '@score-crm/adapter-mailgun';
import { startSandbox, WebhookSigner } from '../sandbox/index.ts';

const checks = conformanceChecks({
  adapter: MailgunAdapter,
  startSandbox,
  errorBody: (message) => JSON.stringify({ message }),
  webhook: {
    fixtures: new URL('fixtures/', import.meta.url),
    newKey: () => {
      const signer = new WebhookSigner();
      return {
        settings: { webhookSigningKey: signer.key },
        sign: (body) => {
          const post = JSON.parse(new TextDecoder().decode(body)) as object;
          return { body: Buffer.from(JSON.stringify({ ...post, signature: signer.credentials() })) };
        },
      };
    },
  },
  runs: process.env['TEST_LONG'] === '1' ? 100_000 : 100,
});

describe('Mailgun', () => {
  for (const { name, run, timeoutMs } of checks) it(name, run, timeoutMs);
});
