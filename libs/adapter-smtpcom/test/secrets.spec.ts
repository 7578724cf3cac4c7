import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { errorOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings } from './support.ts';

const SECRETS = {
  apiKey: 't0p-Secret_k3y~of/this+test.aV9kUeW2QpLrT5xYzB3nMc',
  webhookToken: 'dG9rZW4tb2YtdGhlLXNlY3JldHMtdGVzdC1vZi1zbXRwY29t',
  webhookSigningKey: 'signing key of/the+secrets test!',
};
const FORMS = Object.values(SECRETS).flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64'),
  encodeURIComponent(secret),
  secret.slice(3, 30),
]);
const STATUSES = [200, 302, 400, 401, 403, 404, 413, 429, 500, 503];

function shownBy(error: unknown): string {
  const { stack, message } = error as Error;
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), message, stack, String(error)].join(
    '\n',
  );
}

function expectNoSecret(text: string): void {
  for (const form of FORMS) expect(text).not.toContain(form);
}

describe.each(STATUSES)('a vendor that repeats a secret with %i', (status) => {
  it.each<[string, (form: string) => string]>([
    ['in its text', (form) => JSON.stringify({ status: 'fail', data: { errors: { [form]: `Not with ${form}` } } })],
    ['as an error', (form) => JSON.stringify({ status: 'error', message: `Not with ${form}` })],
    ['in no JSON', (form) => `<p>Not with ${form}</p>`],
  ])('%s does not disclose it', async (_where, words) => {
    for (const form of FORMS.filter((_, index) => index % 4 !== 3)) {
      const echo = await httpServer((_request, response) => {
        response.writeHead(status, { location: `/${encodeURIComponent(form)}`, 'x-echo': 'a' }).end(words(form));
      });
      const shown = [
        shownBy(await errorOf(adapterFor(echo).send(plainMessage(), settings(SECRETS)))),
        inspect(await adapterFor(echo).diagnose(settings(SECRETS), silentProbe({ to: ['a@b.example'] })), {
          depth: 10,
        }),
      ].join('\n');
      expectNoSecret(shown);
      if (status === 400) expect(shown).toContain('[redacted]');
      await echo.close();
    }
  });
});

it('a status that is a secret is not disclosed', async () => {
  const echo = await httpServer((_request, response) => {
    response.end(JSON.stringify({ status: 'success', data: { status: SECRETS.apiKey } }));
  });
  const diagnosis = await adapterFor(echo).diagnose(settings(SECRETS), silentProbe());
  expect(diagnosis).toMatchObject({ ok: false, error: { code: 'permission_denied', reply: '[redacted]' } });
  await echo.close();
});

describe('a call without a response', () => {
  it.each([
    ['that times out', () => undefined, { signal: AbortSignal.timeout(150) }],
    ['that breaks', (request: { socket: { destroy(): void } }) => request.socket.destroy(), {}],
    [
      'that is not HTTP',
      (request: { socket: { end(text: string): void } }) => request.socket.end(`HTTP/9 ${SECRETS.apiKey}\r\n\r\n`),
      {},
    ],
  ] as const)('%s discloses no secret', async (_what, listener, options) => {
    const odd = await httpServer(listener);
    expectNoSecret(shownBy(await errorOf(adapterFor(odd).send(plainMessage(), settings(SECRETS), options))));
    await odd.close();
  });

  it('to a closed port discloses no secret', async () => {
    const gone = await httpServer(() => undefined);
    await gone.close();
    expectNoSecret(shownBy(await errorOf(adapterFor(gone).send(plainMessage(), settings(SECRETS)))));
  });

  it('that is refused before it is made discloses no secret', async () => {
    const nowhere = adapterFor({ url: 'http://127.0.0.1:1' });
    expectNoSecret(shownBy(await errorOf(nowhere.send(plainMessage({ subject: '' }), settings(SECRETS)))));
    const unsendable = settings({ ...SECRETS, apiKey: `${SECRETS.apiKey}\n` });
    expectNoSecret(shownBy(await errorOf(nowhere.send(plainMessage(), unsendable))));
  });
});
