import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent, WebhookRequest } from '@score-crm/adapter-kit';
import { httpServer, type LoopbackServer, plainMessage, webhookRequest } from '@score-crm/adapter-kit/testing';
import { MailgunSandbox, SANDBOX_DOMAINS } from '../sandbox/index.ts';
import { adapterFor, callerOf, settings } from './support.ts';

let sandbox: MailgunSandbox;
let hook: LoopbackServer;
let posts: WebhookRequest[];
let failures: number;

beforeEach(async () => {
  sandbox = await MailgunSandbox.start({ paceMs: 1 });
  posts = [];
  failures = 0;
  hook = await httpServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      if (failures > 0) {
        failures -= 1;
        response.writeHead(503).end();
        return;
      }
      posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
      response.writeHead(200).end();
    });
  });
});
afterEach(async () => {
  await sandbox.close();
  await hook.close();
});

async function sendAndSettle(...names: readonly string[]): Promise<string> {
  const to = names.map((name) => ({ email: `${name}@recipient.example` }));
  const { messageId } = await adapterFor(sandbox).send(plainMessage({ to }), settings());
  await sandbox.settled();
  return messageId;
}

function receivedEvents(): readonly ParsedEvent[] {
  const { webhooks } = adapterFor(sandbox);
  return posts.splice(0).flatMap((post) => {
    expect(webhooks.authenticate(post, settings({ webhookSigningKey: sandbox.signer.key }))).toBe('verified');
    expect(post.headers['content-type']).toBe('application/json');
    return webhooks.parse(post);
  });
}

function kinds(parsed: readonly ParsedEvent[]): string[] {
  return parsed.map((one) => (one.ok ? `${String(one.event.recipient?.split('@')[0])} ${one.event.kind}` : one.reason));
}

describe('the events of a message', () => {
  it('are posted automatically, signed, step by step, one event per request', async () => {
    await adapterFor(sandbox).webhooks.registration.register({ url: hook.url }, settings());
    const messageId = await sendAndSettle('click', 'bounce', 'slow');
    expect(posts.map(({ body }) => adapterFor(sandbox).webhooks.parse(webhookRequest(body)).length)).toEqual(
      Array.from({ length: 11 }, () => 1),
    );
    const events = receivedEvents();
    expect(kinds(events).toSorted()).toEqual(
      ['bounce bounced', 'bounce queued', 'click clicked', 'click delivered', 'click opened', 'click queued'].concat([
        'slow deferred',
        'slow deferred',
        'slow deferred',
        'slow delivered',
        'slow queued',
      ]),
    );
    expect(events.every((one) => one.ok && one.event.messageId === messageId)).toBe(true);
    expect(new Set(events.map((one) => JSON.stringify(one.ok && one.deduplicationKey))).size).toBe(events.length);
  });

  it.each<[string, object]>([
    ['bounce', { kind: 'bounced', bounce: { class: 'hard', code: 550, enhancedCode: '5.1.1', rule: 'bounce' } }],
    ['softbounce', { kind: 'bounced', bounce: { class: 'soft', code: 452, enhancedCode: '4.2.2' } }],
    ['block', { kind: 'bounced', bounce: { class: 'block', code: 550, enhancedCode: '5.7.1' } }],
    ['drop', { kind: 'rejected', bounce: { class: 'admin', rule: 'suppress-bounce' } }],
    ['machineopen', { kind: 'opened', machine: true }],
    ['open', { kind: 'opened', machine: false }],
    ['complaint', { kind: 'complained' }],
    ['unsubscribe', { kind: 'unsubscribed', ip: '203.0.113.9' }],
  ])('to %s@ end as the name says', async (name, expected) => {
    sandbox.addForeignWebhook(hook.url);
    await sendAndSettle(name);
    expect(receivedEvents().at(-1)).toMatchObject({ ok: true, event: expected });
  });

  it('are posted to each webhook that selected them', async () => {
    const fields = new URLSearchParams({ url: hook.url });
    for (const type of ['complained', 'permanent_fail']) fields.append('event_types', type);
    await callerOf(sandbox)('POST', `/v4/domains/${SANDBOX_DOMAINS.working}/webhooks`, fields);
    await sendAndSettle('complaint', 'bounce', 'defer', 'open');
    expect(kinds(receivedEvents()).toSorted()).toEqual(['bounce bounced', 'complaint complained']);
  });

  it('are posted again if the response is not a success', async () => {
    sandbox.addForeignWebhook(hook.url);
    failures = 2;
    await sendAndSettle('ada');
    expect(kinds(receivedEvents())).toEqual(['ada queued', 'ada delivered']);
  });

  it('have the metadata and tags of the message', async () => {
    sandbox.addForeignWebhook(hook.url);
    await adapterFor(sandbox).send(plainMessage({ tags: ['a', 'b'], metadata: { k: 'v' } }), settings());
    await sandbox.settled();
    expect(receivedEvents()[0]).toMatchObject({ event: { tags: ['a', 'b'], metadata: { k: 'v' } } });
  });

  it('are test events in test mode, and reach no one', async () => {
    sandbox.addForeignWebhook(hook.url);
    const form = new FormData();
    for (const [name, value] of Object.entries({
      from: 'a@sender.example',
      to: 'bounce@recipient.example',
      subject: 'x',
      text: 'x',
      'o:testmode': 'yes',
    })) {
      form.append(name, value);
    }
    await callerOf(sandbox)('POST', `/v3/${SANDBOX_DOMAINS.working}/messages`, form);
    await sandbox.settled();
    const events = receivedEvents();
    expect(kinds(events)).toEqual(['bounce queued', 'bounce delivered']);
    expect(events.every((one) => one.ok && one.event.test === true)).toBe(true);
  });

  it('do not exist for a message that is only checked', async () => {
    sandbox.addForeignWebhook(hook.url);
    await adapterFor(sandbox).diagnose(settings(), { subject: 'x', text: 'x', from: { email: 'a@sender.example' } });
    await sandbox.settled();
    expect([sandbox.mails, posts]).toEqual([[], []]);
  });
});

describe('a manual request', () => {
  it('is signed by the account, each time with a new signature', async () => {
    const messageId = await sendAndSettle('ada');
    const [event] = sandbox.eventsOf(messageId);
    for (const _again of [1, 2]) await sandbox.post(hook.url, event?.data ?? {});
    const tokens = posts.map(
      ({ body }) => (JSON.parse(Buffer.from(body).toString()) as { signature: { token: string } }).signature.token,
    );
    expect(new Set(tokens).size).toBe(2);
    const [first, second] = receivedEvents();
    expect(first).toEqual(second);
  });
});
