import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import {
  failureOf,
  httpServer,
  type LoopbackServer,
  plainMessage,
  silentProbe,
  webhookRequest,
} from '@score-crm/adapter-kit/testing';
import { ExampleAdapter, ExampleSettings } from './readme-example.ts';

const settings = Object.assign(new ExampleSettings(), { apiKey: 'a-key', webhookPassword: 'a-password' });
const TARGET = { url: 'https://crm.example/webhooks/1' };

let server: LoopbackServer;
let http: HttpClient;
let adapter: ExampleAdapter;
let seen: [call: string, body: unknown][];
/** By method and path. */
let answers: Record<string, [status: number, body: object]>;

beforeEach(async () => {
  seen = [];
  server = await httpServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const call = `${request.method ?? ''} ${request.url ?? ''}`;
      const text = Buffer.concat(chunks).toString();
      seen.push([call, text === '' ? undefined : JSON.parse(text)]);
      const [status, body] = answers[call] ?? [404, {}];
      response.writeHead(status).end(JSON.stringify(body));
    });
  });
  http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  adapter = new ExampleAdapter(http, new VendorEndpoints({ example: server.url }));
});
afterEach(async () => {
  await server.close();
  await http.onApplicationShutdown();
});

describe('the example in the README', () => {
  it('is the code of readme-example.ts', () => {
    const [source, readme] = ['readme-example.ts', '../README.md'].map((path) =>
      readFileSync(new URL(path, import.meta.url), 'utf8'),
    );
    expect(readme).toContain(source?.slice(source.indexOf('export class ExampleSettings')));
  });

  it('sends a message, and names the recipient that the vendor rejects', async () => {
    answers = { 'POST /messages': [200, { id: 'm-1' }] };
    expect(await adapter.send(plainMessage({ tags: ['spring'] }), settings)).toMatchObject({ messageId: 'm-1' });
    expect(seen).toMatchObject([['POST /messages', { subject: 'Welcome', tags: ['spring'] }]]);
    answers = { 'POST /messages': [422, { errors: [{ message: 'No.', field: 'recipients[0].address' }] }] };
    expect(await failureOf(adapter.send(plainMessage(), settings))).toMatchObject({ pointer: '/to/0/email' });
  });

  it('tests an account', async () => {
    answers = { 'GET /account': [200, {}] };
    expect(await adapter.diagnose(settings, silentProbe())).toMatchObject({ ok: true });
    answers = { 'GET /account': [401, {}] };
    expect(await adapter.diagnose(settings, silentProbe())).toMatchObject({
      error: { code: 'authentication_failed', hint: expect.stringContaining('Example Mail') },
    });
  });

  it('authenticates a webhook request and parses its events', () => {
    const event = { type: 'bounce', time: '2026-01-02T03:04:05Z', recipient: 'ada@recipient.example', permanent: true };
    const authorization = `Basic ${Buffer.from('crm:a-password').toString('base64')}`;
    const request = webhookRequest(JSON.stringify([event]), { headers: { authorization } });
    expect(adapter.webhooks.authenticate(request, settings)).toBe('verified');
    expect(adapter.webhooks.parse(request)).toMatchObject([{ event: { kind: 'bounced', bounce: { class: 'hard' } } }]);
  });

  it('registers its webhook, and removes it', async () => {
    const entry = { id: '7', url: 'https://old.example/' };
    answers = { 'GET /webhooks': [200, { webhooks: [] }], 'POST /webhooks': [200, entry] };
    const registered = await adapter.webhooks.registration?.register(TARGET, settings);
    expect(registered).toEqual({ vendorId: '7' });
    answers = { 'GET /webhooks': [200, { webhooks: [entry] }], 'DELETE /webhooks/7': [200, {}] };
    const target = { ...TARGET, vendorId: '7' };
    expect(await adapter.webhooks.registration?.status(target, settings)).toMatchObject({ state: 'drifted' });
    await adapter.webhooks.registration?.unregister(target, settings);
    expect(seen.map(([call]) => call)).toEqual([
      'GET /webhooks',
      'POST /webhooks',
      'GET /webhooks',
      'GET /webhooks',
      'DELETE /webhooks/7',
    ]);
  });
});
