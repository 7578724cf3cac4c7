import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callApi } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_KEYS, SendgridSandbox } from '../sandbox/index.ts';
import { settingsApi } from './support.ts';

const SEND = '/v3/mail/send';
const SETTINGS = '/v3/user/webhooks/event/settings';
const URL = 'https://crm.example/hook';
const TEXT = { type: 'text/plain', value: 'Hello' };
const HTML = { type: 'text/html', value: '<p>Hello</p>' };
const ADA = [{ email: 'ada@recipient.example' }];
const MAIL = {
  personalizations: [{ to: ADA }],
  from: { email: 'no-reply@sender.example' },
  subject: 'Welcome',
  content: [TEXT],
};

let sandbox: SendgridSandbox;
let api: ReturnType<typeof settingsApi>;

beforeEach(async () => {
  sandbox = await new SendgridSandbox({ verifiedSenders: ['no-reply@sender.example'] }).start();
  api = settingsApi(sandbox);
});
afterEach(() => sandbox.close());

function call(method: string, path: string, body?: unknown, headers: object = {}) {
  return callApi(sandbox.url + path, method, body, { authorization: `Bearer ${SANDBOX_KEYS.working}`, ...headers });
}

describe('the sandbox’s mail', () => {
  it('is accepted as documented', async () => {
    expect((await call('POST', SEND, MAIL)).status).toBe(202);
    const checked = { ...MAIL, mail_settings: { sandbox_mode: { enable: true } } };
    expect((await call('POST', SEND, checked)).status).toBe(200);
  });

  it.each<[string, object]>([
    ['personalizations', { ...MAIL, personalizations: [] }],
    ['personalizations.0.to', { ...MAIL, personalizations: [{ to: [] }] }],
    ['personalizations.0.to.0.email', { ...MAIL, personalizations: [{ to: [{ email: 'nobody' }] }] }],
    ['personalizations.0.cc', { ...MAIL, personalizations: [{ to: ADA, cc: [{ email: 'Ada@recipient.example' }] }] }],
    ['from', { ...MAIL, from: undefined }],
    ['from.address', { ...MAIL, from: { email: 'no-reply@sender.example', address: 'x' } }],
    ['subject', { ...MAIL, subject: '' }],
    ['content', { ...MAIL, content: [HTML, TEXT] }],
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
  ])('is rejected because of %s', async (field, mail) => {
    expect(await call('POST', SEND, mail)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it.each([
    ['another type', MAIL, { 'content-type': 'text/plain' }, 400],
    ['another scheme', MAIL, { authorization: `Basic ${SANDBOX_KEYS.working}` }, 401],
    ['an unverified sender', { ...MAIL, from: { email: 'x@sender.example' } }, {}, 403],
    ['too much', { ...MAIL, content: [{ type: 'text/plain', value: 'x'.repeat(30_000_000) }] }, {}, 413],
  ])('is rejected: %s', async (_what, mail, headers, status) => {
    expect((await call('POST', SEND, mail, headers)).status).toBe(status);
  });
});

describe('the settings of the sandbox’s event webhooks', () => {
  it('of the oldest are changed by an update without an id', async () => {
    expect((await call('PATCH', SETTINGS, { url: URL })).status).toBe(405);
    sandbox.addForeignWebhook('https://a.example/hook');
    sandbox.addForeignWebhook('https://b.example/hook');
    expect((await call('PATCH', SETTINGS, { url: URL })).status).toBe(200);
    expect(sandbox.webhooks.map(({ url }) => url)).toEqual([URL, 'https://b.example/hook']);
  });

  it('have one URL each', async () => {
    const id = await api.create({ url: URL });
    const answer = await call('POST', SETTINGS, { url: URL });
    const message = `Webhook at '${URL}' already exists. Please provide a unique URL.`;
    expect(answer).toEqual({ status: 400, body: { errors: [{ id, url: URL, message }] } });
    const other = await api.create({ url: 'https://other.example/hook' });
    expect((await call('PATCH', `${SETTINGS}/${other}`, { url: URL })).status).toBe(400);
    expect((await call('PATCH', `${SETTINGS}/${id}`, { url: URL })).status).toBe(200);
  });

  it.each<[string, string, unknown, number]>([
    ['POST', SETTINGS, '{', 400],
    ['POST', SETTINGS, {}, 400],
    ['POST', SETTINGS, { url: 'hooks' }, 400],
    ['POST', SETTINGS, { url: URL, enabled: 'true' }, 400],
    ['POST', SETTINGS, { url: URL, spamreport: true }, 400],
    ['POST', SETTINGS, { url: URL, public_key: 'x' }, 400],
    ['PATCH', `${SETTINGS}/signed/none`, { enabled: true }, 404],
    ['DELETE', SETTINGS, undefined, 405],
    ['POST', `${SETTINGS}/all`, { url: URL }, 405],
    ['GET', `${SETTINGS}/none/more`, undefined, 404],
    ['POST', '/v3/user/webhooks/event/test', {}, 400],
    ['POST', '/v3/user/webhooks/event/test', { url: URL, id: 'none' }, 404],
    ['GET', '/v3/user/webhooks/event/test', undefined, 405],
    ['GET', SEND, undefined, 405],
    ['GET', '/v3/elsewhere', undefined, 404],
  ])('%s %s with %j is rejected', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
    expect(sandbox.webhooks).toEqual([]);
  });

  it('need the scope of each call', async () => {
    const id = await api.create({ url: URL });
    const { noWebhookScope, noWebhookUpdate } = SANDBOX_KEYS;
    const keyed = (key: string) => ({ authorization: `Bearer ${key}` });
    const calls = [
      ['GET', `${SETTINGS}/all`, undefined],
      ['POST', SETTINGS, { url: 'https://other.example/hook' }],
      ['PATCH', `${SETTINGS}/signed/${id}`, { enabled: true }],
      ['POST', '/v3/user/webhooks/event/test', { url: URL }],
      ['DELETE', `${SETTINGS}/${id}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      expect((await call(method, path, body, keyed(noWebhookScope))).status).toBe(403);
      expect((await call(method, path, body, keyed(noWebhookUpdate))).status === 403).toBe(method === 'PATCH');
    }
  });
});
