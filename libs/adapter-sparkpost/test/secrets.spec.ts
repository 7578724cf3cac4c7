import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { errorOf, httpServer, plainMessage, silentProbe } from '@score-crm/adapter-kit/testing';
import { adapterFor, settings } from './support.ts';

const SECRETS = {
  apiKey: 't0p-Secret_k3y~of/this+test.aV9kUeW2QpLrT5xYzB3nMc',
  webhookPassword: 'n0body+Knows/this~passw0rd',
  webhookToken: 'n0r_This-t0ken.of/old',
};
const BASIC = Buffer.from(`score-crm:${SECRETS.webhookPassword}`).toString('base64');
const FORMS = Object.values(SECRETS).flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64'),
  encodeURIComponent(secret),
]);
const PARTS = [...FORMS, BASIC, SECRETS.apiKey.slice(5, 40)];
const STATUSES = [200, 302, 400, 401, 403, 420, 503];
const TARGET = { url: 'https://crm.example/webhooks/v2/sparkpost/1' };

function shownBy(error: unknown): string {
  const { stack, message } = error as Error;
  return [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), message, stack].join('\n');
}

function expectNoSecret(text: string): void {
  for (const part of PARTS) expect(text).not.toContain(part);
}

describe.each(STATUSES)('a vendor that repeats the secrets with %i', (status) => {
  it.each([
    ['in its text', (form: string) => JSON.stringify({ errors: [{ message: `Not with ${form}`, description: form }] })],
    [
      'about recipients',
      (form: string) =>
        JSON.stringify({
          results: {
            id: '1',
            total_accepted_recipients: 0,
            total_rejected_recipients: 1,
            rcpt_to_errors: [{ message: form, description: form }],
          },
        }),
    ],
    ['about the account', (form: string) => JSON.stringify({ results: { status: form } })],
    ['in no JSON', (form: string) => `<p>Not with ${form}</p>`],
  ])('%s does not disclose them', async (_where, words) => {
    for (const form of [...FORMS, BASIC]) {
      const echo = await httpServer((_request, response) => {
        response.writeHead(status, { location: `/${encodeURIComponent(form)}` }).end(words(form));
      });
      const { diagnose, send, webhooks } = bound(echo);
      const secretive = settings(SECRETS);
      const { registration } = webhooks;
      const shown = [
        shownBy(await errorOf(send(plainMessage(), secretive)).catch((error: unknown) => error)),
        inspect(await diagnose(secretive, silentProbe({ to: ['a@b.example'] })), { depth: 10 }),
        shownBy(await errorOf(registration.register(TARGET, secretive))),
        shownBy(await errorOf(registration.status(TARGET, secretive))),
      ].join('\n');
      expectNoSecret(shown);
      await echo.close();
    }
  });
});

function bound(echo: { readonly url: string }) {
  const adapter = adapterFor(echo);
  return { diagnose: adapter.diagnose.bind(adapter), send: adapter.send.bind(adapter), webhooks: adapter.webhooks };
}

describe('a vendor that lists the credentials of all webhooks', () => {
  it('does not disclose them', async () => {
    const listed = {
      id: 'a',
      target: TARGET.url,
      auth_type: 'basic',
      auth_credentials: { username: 'u', password: 'of-another' },
    };
    const vendor = await httpServer((request, response) => {
      const list = request.method === 'GET';
      response.writeHead(list ? 200 : 400).end(JSON.stringify(list ? { results: [listed] } : { errors: [] }));
    });
    const { registration } = adapterFor(vendor).webhooks;
    const status = await registration.status(TARGET, settings(SECRETS));
    const shown = [
      inspect(status, { depth: 10 }),
      shownBy(await errorOf(registration.register(TARGET, settings(SECRETS)))),
    ].join('\n');
    expect(status.state).toBe('drifted');
    expectNoSecret(shown);
    expect(shown).not.toContain('of-another');
    await vendor.close();
  });
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
