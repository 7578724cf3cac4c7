import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  jsonAnswer,
  jsonBody,
  type MailStep,
  type SandboxKey,
  type SandboxMail,
  type SandboxRequest,
  stepsOf,
  VendorSandboxServer,
  type VendorSandboxOptions,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { httpServer, type LoopbackServer } from '@score-crm/adapter-kit/testing';

class AcmeSandbox extends VendorSandboxServer {
  readonly vendor = 'acme';
  readonly settings = { apiKey: 'works' };
  readonly failures = {};
  protected readonly keys: Readonly<Record<string, SandboxKey>> = {
    works: 'works',
    limited: jsonAnswer(429, { error: 'Too fast' }),
    silent: 'hang up',
    reader: ({ method }) => (method === 'GET' ? undefined : jsonAnswer(403, { error: 'Read only' })),
  };
  protected readonly unknownKey = ({ headers }: SandboxRequest) =>
    jsonAnswer(401, { error: headers.authorization === undefined ? 'No key' : 'Unknown key' });

  constructor(options: VendorSandboxOptions = {}) {
    super({ paceMs: 1, ...options });
  }

  add(id: string, url: string): void {
    this.putWebhook({ id, url });
  }

  drop(id: string): boolean {
    return this.removeWebhook(id);
  }

  protected keyOf({ headers }: SandboxRequest): string | undefined {
    return headers.authorization;
  }

  protected respond(request: SandboxRequest) {
    if (request.method === 'GET') return jsonAnswer(200, {});
    const { from, to, only } = (jsonBody(request) ?? {}) as { from: string; to: string[]; only?: string[] };
    if (!this.mayUse(from)) return jsonAnswer(403, { error: 'Unknown sender' });
    const mail = this.accept({ messageId: randomUUID(), from, recipients: to, subject: '' }, only);
    return jsonAnswer(202, { id: mail.messageId });
  }

  protected postsOf({ messageId }: SandboxMail, step: MailStep, now: Date): readonly WebhookPost[] {
    const events = step.map(({ recipient, event }) => `${recipient} ${event.kind}`);
    const body = JSON.stringify({ messageId, events, isNow: Math.abs(Date.now() - now.getTime()) < 60_000 });
    return this.webhooks.map(({ url }) => ({ url, headers: {}, body }));
  }
}

let sandbox: AcmeSandbox;
let hook: LoopbackServer;
let posts: { messageId: string; events: string[]; isNow: boolean }[];

beforeEach(async () => {
  posts = [];
  hook = await httpServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      posts.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof posts)[number]);
      response.end();
    });
  });
  sandbox = await new AcmeSandbox({ verifiedSenders: ['@sender.example'] }).start();
});
afterEach(async () => {
  await sandbox.close();
  await hook.close();
});

async function call(key: string | undefined, body?: object): Promise<[number, Record<string, unknown>]> {
  const response = await fetch(sandbox.url, {
    headers: { ...(key === undefined ? {} : { authorization: key }), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

const MAIL = { from: 'a@sender.example', to: ['ada@recipient.example', 'bounce@recipient.example'] };

describe('the keys of a sandbox', () => {
  it('work, fail, or fail for some requests', async () => {
    expect((await call('works'))[0]).toBe(200);
    expect(await call('limited')).toEqual([429, { error: 'Too fast' }]);
    expect((await call('reader'))[0]).toBe(200);
    expect(await call('reader', MAIL)).toEqual([403, { error: 'Read only' }]);
    await expect(call('silent')).rejects.toThrow();
  });

  it.each(['other', 'constructor', '__proto__'])('do not include %j', async (key) => {
    expect(await call(key)).toEqual([401, { error: 'Unknown key' }]);
  });

  it('are required, with a response that may depend on the request', async () => {
    expect(await call(undefined)).toEqual([401, { error: 'No key' }]);
  });
});

describe('a message', () => {
  it('of a verified sender is kept, and its events are posted step by step', async () => {
    sandbox.add('1', hook.url);
    const [status, { id }] = await call('works', MAIL);
    expect(status).toBe(202);
    expect(sandbox.mails).toEqual([{ messageId: id, from: MAIL.from, recipients: MAIL.to, subject: '' }]);
    await sandbox.settled();
    expect(posts).toEqual([
      { messageId: id, isNow: true, events: ['ada@recipient.example queued', 'bounce@recipient.example queued'] },
      { messageId: id, isNow: true, events: ['ada@recipient.example delivered', 'bounce@recipient.example bounced'] },
    ]);
  });

  it('of another sender is rejected by the vendor’s rules', async () => {
    expect((await call('works', { ...MAIL, from: 'a@other.example' }))[0]).toBe(403);
    expect(sandbox.mails).toEqual([]);
  });

  it('can have events for some of its recipients only', async () => {
    sandbox.add('1', hook.url);
    await call('works', { ...MAIL, only: ['ada@recipient.example'] });
    await call('works', { ...MAIL, only: [] });
    await sandbox.settled();
    expect(posts.map(({ events }) => events)).toEqual([
      ['ada@recipient.example queued'],
      ['ada@recipient.example delivered'],
    ]);
  });
});

describe('webhooks', () => {
  it('are added, replaced and removed by their id', () => {
    sandbox.add('1', 'https://a.example/');
    sandbox.add('2', 'https://b.example/');
    sandbox.add('1', 'https://c.example/');
    expect(sandbox.webhooks.map(({ id, url }) => [id, url])).toEqual([
      ['1', 'https://c.example/'],
      ['2', 'https://b.example/'],
    ]);
    expect([sandbox.drop('1'), sandbox.drop('1')]).toEqual([true, false]);
    expect(sandbox.webhooks.map(({ id }) => id)).toEqual(['2']);
  });
});

describe('the steps of a message', () => {
  it('have one event for each recipient that has one left', () => {
    const steps = stepsOf(['ada@b.example', 'open@b.example']);
    expect(
      steps.map((step) => step.map(({ recipient, event, step: at }) => `${String(at)} ${recipient} ${event.kind}`)),
    ).toEqual([
      ['0 ada@b.example queued', '0 open@b.example queued'],
      ['1 ada@b.example delivered', '1 open@b.example delivered'],
      ['2 open@b.example opened'],
    ]);
    expect(stepsOf([])).toEqual([]);
  });
});

describe('the JSON of a request', () => {
  const request = (type: string, body: string): SandboxRequest => ({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'content-type': type },
    body: Buffer.from(body),
  });

  it('is read if it is declared and valid', () => {
    expect(jsonBody(request('application/json; charset=utf-8', '{"a":1}'))).toEqual({ a: 1 });
    expect(jsonBody(request('text/plain', '{"a":1}'))).toBeUndefined();
    expect(jsonBody(request('application/json', '{"a"'))).toBeUndefined();
  });
});
