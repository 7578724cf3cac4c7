import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { errorOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings } from './support.ts';

const API_KEY = 't0p-Secret_k3y~of/this+test.aV9kUeW2QpLrT5xYzB3nMc';
const SIGNING_KEY = 'key-55c5c5c5c55f55ca5cd5f55d5c555c55';
const FORMS = [
  API_KEY,
  Buffer.from(`api:${API_KEY}`).toString('base64'),
  encodeURIComponent(API_KEY),
  SIGNING_KEY,
  API_KEY.slice(5, 40),
];
const STATUSES = [200, 302, 400, 401, 402, 403, 404, 413, 429, 500, 503];
const SECRETIVE = settings({ apiKey: API_KEY, webhookSigningKey: SIGNING_KEY });

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
      (form: string) =>
        JSON.stringify({ message: `Not with ${form}`, domain: { state: 'disabled', disabled: { reason: form } } }),
    ],
    ['in text about webhooks', (form: string) => JSON.stringify({ Reason: `Not with ${form}`, webhooks: form })],
    ['in no JSON', (form: string) => `<p>Not with ${form}</p>`],
  ])('%s does not disclose it', async (_where, words) => {
    for (const form of FORMS.slice(0, 4)) {
      const echo = await httpServer((_request, response) => {
        response.writeHead(status, { location: `/${encodeURIComponent(form)}` }).end(words(form));
      });
      const adapter = adapterFor(echo);
      const target = { url: 'https://crm.example/webhooks/v2/mailgun/0198', vendorId: API_KEY };
      const { registration } = adapter.webhooks;
      const shown = [
        shownBy(await errorOf(adapter.send(plainMessage(), SECRETIVE))),
        inspect(await adapter.diagnose(SECRETIVE, silentProbe({ to: ['a@b.example'] })), { depth: 10 }),
        shownBy(await errorOf(registration.register(target, SECRETIVE))),
        shownBy(await errorOf(registration.status(target, SECRETIVE))),
        shownBy(await errorOf(registration.unregister(target, SECRETIVE))),
      ].join('\n');
      expectNoSecret(shown);
      if (status >= 400) expect(shown).toContain('[redacted]');
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
    expectNoSecret(shownBy(await errorOf(adapterFor(odd).send(plainMessage(), SECRETIVE, options))));
    await odd.close();
  });

  it('that is refused before it is made discloses no key', async () => {
    const adapter = adapterFor({ url: 'http://127.0.0.1:1' });
    expectNoSecret(shownBy(await errorOf(adapter.send(plainMessage({ subject: '' }), SECRETIVE))));
  });
});
