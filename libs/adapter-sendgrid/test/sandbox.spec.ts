import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ParsedEvent, WebhookRequest } from '@score-crm/adapter-kit';
import { httpServer, type LoopbackServer, plainMessage } from '@score-crm/adapter-kit/testing';
import { SANDBOX_KEYS, SendgridSandbox, vendorBody } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const MAIL = {
  personalizations: [{ to: [{ email: 'ada@recipient.example' }] }],
  from: { email: 'no-reply@sender.example' },
  subject: 'Welcome',
  content: [{ type: 'text/plain', value: 'Hello' }],
};

let sandbox: SendgridSandbox;

beforeAll(async () => {
  sandbox = await SendgridSandbox.start({ verifiedSenders: ['no-reply@sender.example', '@other.example'] });
});
afterAll(() => sandbox.close());

async function call(
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; fields: unknown[] }> {
  const response = await fetch(`${sandbox.url}/v3/mail/send`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SANDBOX_KEYS.working}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const errors = text === '' ? [] : (JSON.parse(text) as { errors: { field?: unknown }[] }).errors;
  return { status: response.status, fields: errors.map(({ field }) => field) };
}

describe('the sandbox is strict', () => {
  it('and accepts what is documented', async () => {
    expect(await call(MAIL)).toEqual({ status: 202, fields: [] });
    expect(await call({ ...MAIL, mail_settings: { sandbox_mode: { enable: true } } })).toEqual({
      status: 200,
      fields: [],
    });
  });

  it.each<[string, object]>([
    ['personalizations', { ...MAIL, personalizations: [] }],
    ['personalizations', { ...MAIL, personalizations: undefined }],
    ['personalizations.0.to', { ...MAIL, personalizations: [{ to: [] }] }],
    ['personalizations.0.to.0.email', { ...MAIL, personalizations: [{ to: [{ email: 'nobody' }] }] }],
    [
      'personalizations.0.cc',
      { ...MAIL, personalizations: [{ to: MAIL.personalizations[0]?.to, cc: [{ email: 'Ada@recipient.example' }] }] },
    ],
    ['from', { ...MAIL, from: undefined }],
    ['from.address', { ...MAIL, from: { email: 'no-reply@sender.example', address: 'x' } }],
    ['subject', { ...MAIL, subject: '' }],
    ['subject', { ...MAIL, subject: undefined }],
    ['content', { ...MAIL, content: undefined }],
    [
      'content',
      {
        ...MAIL,
        content: [
          { type: 'text/html', value: 'x' },
          { type: 'text/plain', value: 'x' },
        ],
      },
    ],
    ['content.0.value', { ...MAIL, content: [{ type: 'text/plain', value: '' }] }],
    ['attachments.0.contentId', { ...MAIL, attachments: [{ content: 'YQ==', filename: 'a', contentId: 'a' }] }],
    ['attachments.0.content', { ...MAIL, attachments: [{ content: 'not base64', filename: 'a' }] }],
    ['attachments.0.disposition', { ...MAIL, attachments: [{ content: 'YQ==', filename: 'a', disposition: 'top' }] }],
    ['categories', { ...MAIL, categories: Array.from({ length: 11 }, (_, index) => `c${String(index)}`) }],
    ['categories', { ...MAIL, categories: ['a', 'a'] }],
    ['custom_args.a', { ...MAIL, custom_args: { a: 5 } }],
    ['custom_args', { ...MAIL, custom_args: { a: 'x'.repeat(10_000) } }],
    ['headers.Reply-To', { ...MAIL, headers: { 'Reply-To': 'a@b.example' } }],
    ['reply_to', { ...MAIL, reply_to: { email: 'a@b.example' }, reply_to_list: [{ email: 'a@b.example' }] }],
    ['send_at', { ...MAIL, send_at: Math.floor(Date.now() / 1000) + 73 * 3600 }],
    ['send_at', { ...MAIL, send_at: '1755444161' }],
    ['mail_settings.sandbox_mode.enable', { ...MAIL, mail_settings: { sandbox_mode: { enable: 'true' } } }],
    ['unheard_of', { ...MAIL, unheard_of: 1 }],
  ])('%s', async (field, mail) => {
    expect(await call(mail)).toEqual({ status: 400, fields: [field] });
  });

  it.each([
    ['no JSON', '{', {}, 400],
    ['another type', MAIL, { 'content-type': 'text/plain' }, 400],
    ['another key', MAIL, { authorization: 'Bearer SG.other' }, 401],
    ['another scheme', MAIL, { authorization: `Basic ${SANDBOX_KEYS.working}` }, 401],
    ['an unverified sender', { ...MAIL, from: { email: 'x@sender.example' } }, {}, 403],
    ['too much', { ...MAIL, content: [{ type: 'text/plain', value: 'x'.repeat(30_000_000) }] }, {}, 413],
  ])('%s', async (_what, mail, headers, status) => {
    expect((await call(mail, headers as Record<string, string>)).status).toBe(status);
  });

  it('knows no other call', async () => {
    const headers = { authorization: `Bearer ${SANDBOX_KEYS.working}` };
    expect((await fetch(`${sandbox.url}/v3/mail/send`, { headers })).status).toBe(405);
    expect((await fetch(`${sandbox.url}/v3/elsewhere`, { headers })).status).toBe(404);
    expect((await fetch(`${sandbox.url}/v3/scopes`)).status).toBe(401);
  });
});

describe('its webhooks', () => {
  const posts: WebhookRequest[] = [];
  let hook: LoopbackServer;

  beforeAll(async () => {
    hook = await httpServer((request, response) => {
      void request.toArray().then((chunks: Buffer[]) => {
        posts.push({ headers: request.headers, query: {}, body: Buffer.concat(chunks) });
        response.writeHead(200).end();
      });
    });
  });
  beforeEach(() => void posts.splice(0));
  afterAll(() => hook.close());

  async function receive(): Promise<readonly ParsedEvent[]> {
    const { webhooks } = adapterFor(sandbox);
    const [post] = posts.splice(0) as [WebhookRequest];
    const verdict = webhooks.authenticate(post, settings({ webhookSigningKey: sandbox.signer.publicKey }));
    expect(verdict).toBe('verified');
    return webhooks.parse(post);
  }

  function kindsOf(events: readonly ParsedEvent[]): string[] {
    return events.map((parsed) => (parsed.ok ? parsed.event.kind : parsed.reason));
  }

  it.each([
    ['ada', ['queued', 'delivered']],
    ['bounce', ['queued', 'bounced']],
    ['softbounce', ['queued', 'bounced']],
    ['block+1', ['queued', 'bounced']],
    ['drop', ['rejected']],
    ['defer', ['queued', 'deferred', 'delivered']],
    ['open', ['queued', 'delivered', 'opened']],
    ['machineopen', ['queued', 'delivered', 'opened']],
    ['click', ['queued', 'delivered', 'opened', 'clicked']],
    ['complaint', ['queued', 'delivered', 'complained']],
    ['unsubscribe', ['queued', 'delivered', 'unsubscribed']],
  ])('report the events of a message to %s', async (name, kinds) => {
    const metadata = { score_message_id: 'm-1', event_id: 'e' };
    const to = [{ email: `${name}@recipient.example` }];
    const { messageId } = await adapterFor(sandbox).send(plainMessage({ to, metadata, tags: ['a<b>&c'] }), settings());
    expect((await sandbox.post(hook.url, sandbox.eventsOf(messageId))).status).toBe(200);
    const events = await receive();
    expect(kindsOf(events)).toEqual(kinds);
    for (const parsed of events) {
      expect(parsed).toMatchObject({
        ok: true,
        event: { messageId, metadata, tags: ['a<b>&c'], recipient: `${name}@recipient.example` },
      });
    }
    const bounce = events.map((parsed) => (parsed.ok ? parsed.event.bounce?.class : undefined)).find(Boolean);
    const classes: Record<string, string> = { bounce: 'hard', softbounce: 'soft', 'block+1': 'block', drop: 'admin' };
    expect(bounce).toBe(classes[name]);
  });

  it('can repeat events under new ids, which are the same events', async () => {
    const { messageId } = await adapterFor(sandbox).send(plainMessage(), settings());
    const events = sandbox.eventsOf(messageId);
    await sandbox.post(hook.url, events);
    const first = await receive();
    await sandbox.post(hook.url, sandbox.repeated(events));
    const second = await receive();
    const deduplicationKeys = (parsed: readonly ParsedEvent[]) =>
      parsed.map((one) => (one.ok ? one.deduplicationKey : []));
    const ids = (parsed: readonly ParsedEvent[]) => parsed.map((one) => (one.ok ? one.event.vendorEventId : ''));
    expect(deduplicationKeys(second)).toEqual(deduplicationKeys(first));
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(4);
  });

  it('have none for a message in sandbox mode', async () => {
    await call({ ...MAIL, mail_settings: { sandbox_mode: { enable: true } } });
    expect(sandbox.eventsOf(sandbox.mails.at(-1)?.messageId ?? '')).toEqual([]);
    expect(sandbox.eventsOf('unheard-of')).toEqual([]);
  });

  it('can be tested', async () => {
    await sandbox.postIntegrationTest(hook.url);
    const events = await receive();
    expect(events).toHaveLength(11);
    expect(events.every((parsed) => parsed.ok && parsed.event.test === true)).toBe(true);
  });

  it('use the vendor’s exact bytes', () => {
    expect(vendorBody([{ a: '<x@y>&' }, { b: 1 }]).toString()).toBe(
      '[{"a":"\\u003cx@y\\u003e\\u0026"},\r\n{"b":1}]\r\n',
    );
  });
});
