import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { plainMessage } from '@score-crm/adapter-kit/testing';
import { callApi, Inbox } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_KEYS, SparkpostSandbox } from '../sandbox/index.ts';
import { adapterFor, settings } from './support.ts';

const TO = { email: 'ada@recipient.example' };
const MAIL = {
  recipients: [{ address: TO }],
  content: { from: { email: 'no-reply@sender.example' }, subject: 'Welcome', text: 'Hello' },
};

let sandbox: SparkpostSandbox;
let inbox: Inbox;

beforeEach(async () => {
  sandbox = await SparkpostSandbox.start({ paceMs: 1, verifiedSenders: ['no-reply@sender.example', '@other.example'] });
  inbox = await Inbox.open();
});
afterEach(async () => {
  await sandbox.close();
  await inbox.close();
});

async function call(method: string, path: string, sent?: unknown, headers: object = {}) {
  const key = { authorization: SANDBOX_KEYS.working, ...headers };
  const { status, body } = await callApi(`${sandbox.url}/api/v1${path}`, method, sent, key);
  const errors = (body?.errors ?? []) as { code?: string; description?: string; message: string }[];
  return { status, errors, results: body?.results };
}

describe('the sandbox is strict', () => {
  const content = (changes: object): object => ({ ...MAIL, content: { ...MAIL.content, ...changes } });
  const options = (changes: object): object => ({ ...MAIL, options: changes });

  it.each<[string, object]>([
    ['recipients', { ...MAIL, recipients: [] }],
    ['recipients.0.address', { ...MAIL, recipients: [{ address: 'a@b.example' }] }],
    ['recipients.0.address.headerTo', { ...MAIL, recipients: [{ address: { ...TO, headerTo: 'x' } }] }],
    ['recipients.0.tags', { ...MAIL, recipients: [{ address: TO, tags: Array.from({ length: 11 }, () => 't') }] }],
    ['content.from', content({ from: 'no-reply@sender.example' })],
    ['content.subject', content({ subject: '' })],
    ['content.reply_to', content({ reply_to: ['x@y.example'] })],
    ['content.headers.X-A', content({ headers: { 'X-A': 5 } })],
    ['content.attachments.0.data', content({ attachments: [{ name: 'a', type: 'a/b', data: 'YQ=\r\n=' }] })],
    ['content.attachments.0.name', content({ attachments: [{ name: 'ü'.repeat(128), type: 'a/b', data: 'YQ==' }] })],
    ['content.inline_images.0.data', content({ inline_images: [{ name: 'a', type: 'a/b', data: '' }] })],
    ['options.start_time', options({ start_time: '2026-01-02T08:00:00Z' })],
    ['options.open_tracing', options({ open_tracing: true })],
    ['cc', { ...MAIL, cc: ['x@y.example'] }],
  ])('about %s', async (field, mail) => {
    const { status, errors } = await call('POST', '/transmissions', mail);
    const fields = errors.map(({ description }) => description?.split(':')[0]);
    expect([status, fields]).toEqual([422, [field]]);
  });

  const literal = { options: { perform_substitutions: false } };
  const image = { name: 'a', type: 'image/png', data: 'YQ==' };

  it.each<[string, object, string]>([
    ['neither text nor HTML', content({ text: undefined }), '1400'],
    ['two images of one name', content({ inline_images: [image, image] }), '1300'],
    ['a header of its own', content({ headers: { 'Reply-To': 'x' } }), '3002'],
    ['a List-Unsubscribe that would be replaced', content({ headers: { 'List-Unsubscribe': '<x>' } }), '3002'],
    ['a template in the subject', { ...content({ subject: '{{x}}' }), ...literal }, '3000'],
    ['an undefined variable', { ...content({ subject: '{{x}}' }), substitution_data: { y: 'z' } }, '3000'],
    ['a template in a header’s name', content({ headers: { 'X-{{x}}': 'a' } }), '3000'],
    ['a template in a name', { ...MAIL, recipients: [{ address: { ...TO, name: '{{x}}' } }] }, '3000'],
    ['a template in the text', content({ text: '{{x}}' }), '3000'],
    ['a time too far ahead', options({ start_time: '2999-01-02T08:00:00+00:00' }), '1300'],
    ['too many metadata', { ...MAIL, metadata: { a: 'x'.repeat(10_000) } }, '2007'],
  ])('and rejects %s', async (_what, mail, code) => {
    const { status, errors } = await call('POST', '/transmissions', mail);
    expect([status, errors.map((fault) => fault.code)]).toEqual([422, [code]]);
  });

  it.each([
    ['another type', MAIL, { 'content-type': 'text/plain' }, 415],
    ['a scheme before the key', MAIL, { authorization: `Bearer ${SANDBOX_KEYS.working}` }, 401],
    ['an unverified sender', content({ from: { email: 'x@sender.example' } }), {}, 400],
    ['too much', content({ text: 'x'.repeat(20_000_001) }), {}, 413],
  ])('and rejects %s', async (_what, mail, headers, status) => {
    expect((await call('POST', '/transmissions', mail, headers)).status).toBe(status);
  });

  it('but accepts variables of headers, and text in which nothing is substituted', async () => {
    const mail = {
      ...content({ subject: 'a {{x}} {{ y }} }}', text: '{{z}}' }),
      substitution_data: { x: '{{y}}', y: '2' },
    };
    expect((await call('POST', '/transmissions/', { ...mail, ...literal })).status).toBe(200);
    expect(sandbox.mails.at(-1)?.subject).toBe('a {{y}} 2 }}');
  });

  it.each([
    ['GET', '/transmissions', 405],
    ['POST', '/account', 405],
    ['GET', '/elsewhere', 404],
    ['GET', '/webhooks/unheard-of', 404],
    ['DELETE', '/webhooks', 405],
  ])('and answers %s %s with %i', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
    expect((await fetch(`${sandbox.url}${path}`)).status).toBe(404);
  });
});

describe('the webhooks of the sandbox', () => {
  const hook = (changes: object = {}) => ({ name: 'Events', target: inbox.url(), events: ['delivery'], ...changes });

  it.each<[string, object]>([
    ['name', { name: 'x'.repeat(25) }],
    ['target', { target: 'http://crm.example/hook' }],
    ['target', { target: 'https://crm.example:8443/hook' }],
    ['events', { events: [] }],
    ['events.0', { events: ['delivered'] }],
    ['auth_credentials is required for auth_type basic', { auth_type: 'basic' }],
    ['auth_token', { auth_token: 'x' }],
  ])('are not created with a wrong %s', async (field, changes) => {
    const { status, errors } = await call('POST', '/webhooks', hook(changes));
    expect([status, errors.map(({ description }) => description?.split(':')[0])]).toEqual([422, [field]]);
    expect(inbox.posts).toEqual([]);
  });

  it('are tested before they are created and when the URL changes, and at no other time', async () => {
    const { results } = await call('POST', '/webhooks', hook());
    const path = `/webhooks/${String(results.id)}`;
    await call('PUT', path, { events: ['bounce'] });
    expect(inbox.posts).toHaveLength(1);
    await call('PUT', path, { target: inbox.url('other') });
    expect(inbox.posts).toHaveLength(2);
    inbox.status = 500;
    const response = { status: 500 };
    const errors = [{ code: 400, message: 'POST to webhook target URL failed', response }];
    expect(await call('PUT', path, { target: inbox.url('third') })).toMatchObject({ status: 400, errors });
    expect((await call('GET', path)).results).toMatchObject({ target: inbox.url('other'), events: ['bounce'] });
    expect((await call('PUT', path, { unheard_of: 1 })).status).toBe(422);
    expect((await call('POST', `${path}/validate`, { message: {} })).status).toBe(400);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('DELETE', path)).status).toBe(404);
  });

  it('receive their events in batches, with their own headers, only while they are active', async () => {
    const { results } = await call('POST', '/webhooks', hook({ custom_headers: { 'x-api-key': 'abc' } }));
    const copies = { cc: [{ email: 'bounce@recipient.example' }], bcc: [{ email: 'open@recipient.example' }] };
    await adapterFor(sandbox).send(plainMessage(copies), settings());
    await sandbox.settled();
    const [, batch, ...more] = inbox.posts;
    expect(more).toEqual([]);
    expect(JSON.parse(batch?.body.toString() ?? '')).toMatchObject([
      { msys: { message_event: { type: 'delivery', rcpt_to: 'ada@recipient.example' } } },
      { msys: { message_event: { type: 'delivery', rcpt_to: 'open@recipient.example' } } },
    ]);
    expect(batch?.headers).toMatchObject({ 'x-api-key': 'abc', 'x-messagesystems-batch-id': expect.any(String) });
    await call('PUT', `/webhooks/${String(results.id)}`, { active: false });
    await adapterFor(sandbox).send(plainMessage(), settings());
    await sandbox.settled();
    expect(inbox.posts).toHaveLength(2);
  });
});
