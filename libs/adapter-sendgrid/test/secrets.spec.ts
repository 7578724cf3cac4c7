import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { errorOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { WebhookSigner } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const API_KEY = 'SG.t0p-Secret_k3y~of/this+test.aV9kUeW2QpLrT5xYzB3nMc';
const { publicKey } = new WebhookSigner();
const FORMS = [API_KEY, Buffer.from(API_KEY).toString('base64'), encodeURIComponent(API_KEY), API_KEY.slice(5, 40)];
const STATUSES = [202, 302, 400, 401, 403, 404, 413, 429, 500, 503];

function shownBy(error: unknown): string {
  const { stack, message } = error as Error;
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), message, stack, String(error)].join(
    '\n',
  );
}

function expectNoSecret(text: string): void {
  for (const form of FORMS) expect(text).not.toContain(form);
}

describe.each(STATUSES)('a vendor that repeats the key with %i', (status) => {
  it.each([
    [
      'in its text',
      (form: string) => JSON.stringify({ errors: [{ message: `Not with ${form}`, field: form, help: form }] }),
    ],
    ['in no JSON', (form: string) => `<p>Not with ${form}</p>`],
  ])('%s does not disclose it', async (_where, words) => {
    for (const form of FORMS.slice(0, 3)) {
      const echo = await httpServer((_request, response) => {
        response.writeHead(status, { location: `/${encodeURIComponent(form)}`, 'x-echo': 'a' }).end(words(form));
      });
      const secretive = settings({ apiKey: API_KEY, webhookSigningKey: publicKey });
      const shown = [
        shownBy(await errorOf(adapterFor(echo).send(plainMessage(), secretive))),
        inspect(await adapterFor(echo).diagnose(secretive, silentProbe({ to: ['a@b.example'] })), { depth: 10 }),
      ].join('\n');
      expectNoSecret(shown);
      if (status === 400) expect(shown).toContain('[redacted]');
      await echo.close();
    }
  });

  it('does not disclose it in errors about the webhook', async () => {
    const target = { url: 'https://crm.example/webhooks/v2/sendgrid/0198', vendorId: API_KEY };
    const secretive = settings({ apiKey: API_KEY, webhookSigningKey: publicKey });
    for (const form of FORMS.slice(0, 3)) {
      const body = JSON.stringify({ errors: [{ message: `Not with ${form}`, id: form, url: form }], scopes: [form] });
      const echo = await httpServer((_request, response) => void response.writeHead(status).end(body));
      const { registration } = adapterFor(echo).webhooks;
      for (const call of ['register', 'status', 'unregister', 'test'] as const) {
        const shown = shownBy(await errorOf(registration[call](target, secretive)));
        expectNoSecret(shown);
        if (status >= 400) expect(shown).toContain('[redacted]');
      }
      await echo.close();
    }
  });
});

describe('a call without a response', () => {
  it.each([
    ['that times out', () => undefined, { signal: AbortSignal.timeout(150) }],
    ['that breaks', (request: { socket: { destroy(): void } }) => request.socket.destroy(), {}],
    [
      'that is not HTTP',
      (request: { socket: { end(text: string): void } }) => request.socket.end(`HTTP/9 ${API_KEY}\r\n\r\n`),
      {},
    ],
  ] as const)('%s discloses no key', async (_what, listener, options) => {
    const odd = await httpServer(listener);
    expectNoSecret(
      shownBy(await errorOf(adapterFor(odd).send(plainMessage(), settings({ apiKey: API_KEY }), options))),
    );
    await odd.close();
  });

  it('to a closed port discloses no key', async () => {
    const gone = await httpServer(() => undefined);
    await gone.close();
    expectNoSecret(shownBy(await errorOf(adapterFor(gone).send(plainMessage(), settings({ apiKey: API_KEY })))));
  });

  it('that is refused before it is made discloses no key', async () => {
    const send = adapterFor({ url: 'http://127.0.0.1:1' }).send(
      plainMessage({ subject: '' }),
      settings({ apiKey: API_KEY }),
    );
    expectNoSecret(shownBy(await errorOf(send)));
    const unsendable = adapterFor({ url: 'http://127.0.0.1:1' }).send(
      plainMessage(),
      settings({ apiKey: `${API_KEY}\n` }),
    );
    expectNoSecret(shownBy(await errorOf(unsendable)));
  });
});
