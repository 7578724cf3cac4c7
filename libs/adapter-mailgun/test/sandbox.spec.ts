import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plainMessage } from '@score-crm/adapter-kit/testing';
import { MailgunSandbox, SANDBOX_DOMAINS, SANDBOX_KEYS, startSandbox } from '../sandbox/index.ts';
import { adapterFor, type Called, callerOf, settings } from './support.ts';

const MESSAGES = `/v3/${SANDBOX_DOMAINS.working}/messages`;
const URL = 'https://crm.example/hook';
const WEBHOOKS = `/v4/domains/${SANDBOX_DOMAINS.working}/webhooks`;
const MAIL: readonly (readonly [string, string])[] = [
  ['from', 'Acme <no-reply@sender.example>'],
  ['to', 'ada@recipient.example'],
  ['subject', 'Welcome'],
  ['text', 'Hello'],
];

let sandbox: MailgunSandbox;
let call: ReturnType<typeof callerOf>;

beforeAll(async () => {
  sandbox = await MailgunSandbox.start({ verifiedSenders: ['no-reply@sender.example', '@other.example'] });
  call = callerOf(sandbox);
});
afterAll(() => sandbox.close());

/** The message with fields removed and others added. */
function form(
  without: readonly string[] = [],
  ...more: readonly (readonly [string, string | Blob, string?])[]
): FormData {
  const data = new FormData();
  for (const [name, value] of MAIL) if (!without.includes(name)) data.append(name, value);
  for (const [name, value, file] of more) {
    if (typeof value === 'string') data.append(name, value);
    else if (file === undefined) data.append(name, value);
    else data.append(name, value, file);
  }
  return data;
}

function fields(url: string, ...types: readonly string[]): URLSearchParams {
  return new URLSearchParams([['url', url], ...types.map((type) => ['event_types', type] as [string, string])]);
}

describe('the sandbox is strict about messages', () => {
  it('and accepts what is documented, as either kind of form', async () => {
    const queued = {
      status: 200,
      body: { id: expect.stringMatching(/^<\d{14}\.\w+@mg\.sender\.example>$/), message: 'Queued. Thank you.' },
    };
    expect(await call('POST', MESSAGES, form())).toEqual(queued);
    expect(await call('POST', MESSAGES, new URLSearchParams(Object.fromEntries(MAIL)))).toEqual(queued);
    const all = form(
      [],
      ['cc', '"Doe, \\"J\\"" <cc@recipient.example>'],
      ['h:X-A', 'b'],
      ['v:my-var', '{}'],
      ['o:tag', 'a'],
      ['o:testmode', 'yes'],
      ['o:deliverytime', 'Fri, 14 Oct 2011 12:00:00 +0000'],
      ['attachment', new Blob(['a']), 'a.txt'],
    );
    expect(await call('POST', MESSAGES, all)).toEqual(queued);
    expect(sandbox.mails.at(-1)).toMatchObject({
      sandboxed: true,
      recipients: ['ada@recipient.example', 'cc@recipient.example'],
    });
  });

  const many = Array.from({ length: 1000 }, (_, index) => ['bcc', `r${String(index)}@recipient.example`] as const);

  it.each<[string, FormData]>([
    ['from parameter is missing', form(['from'])],
    ['to parameter is missing', form(['to'])],
    ['subject parameter is missing', form(['subject'])],
    ['from parameter is not a valid address', form(['from'], ['from', 'nobody'])],
    ['to parameter is not a valid address', form([], ['to', 'a@b.example, c@d.example'])],
    ['cc parameter is not a valid address', form([], ['cc', 'Doe, J <cc@recipient.example>'])],
    ['Too many recipients; max is 1000', form([], ...many)],
    ["Need at least one of 'text', 'html'", form(['text'])],
    ['unknown parameter reply-to', form([], ['reply-to', 'a@b.example'])],
    ['unknown parameter h:', form([], ['h:', 'a'])],
    ["'attachment' parameter is not a file", form([], ['attachment', 'text'])],
    ["'attachment' parameter is not a file", form([], ['inline', new Blob(['a'])])],
    ['Header name must be pure ASCII', form([], ['h:Ä', 'a'])],
    ['limited to 16KB total', form([], ['v:a', 'x'.repeat(17_000)])],
    ['o:tag: a message may have 10 tags', form([], ...Array.from({ length: 11 }, () => ['o:tag', 'a'] as const))],
    ['o:tag: not a valid tag', form([], ['o:tag', 'ä'])],
    ['is not an RFC-2822 compliant date', form([], ['o:deliverytime', '2030-01-01'])],
    ['too far ahead', form([], ['o:deliverytime', new Date(Date.now() + 8 * 86_400_000).toUTCString()])],
    ['o:testmode', form([], ['o:testmode', 'maybe'])],
    ['is unverified', form(['from'], ['from', 'x@sender.example'])],
  ])('rejecting with “%s”', async (words, data) => {
    const before = sandbox.mails.length;
    const { status, body } = await call('POST', MESSAGES, data);
    expect([status, body['message']]).toEqual([400, expect.stringContaining(words)]);
    expect(sandbox.mails).toHaveLength(before);
  });

  it('rejecting what is not a form, and what is too large', async () => {
    expect(await call('POST', MESSAGES, '{}')).toMatchObject({ status: 400 });
    expect((await call('POST', MESSAGES, 'x'.repeat(53 * 1024 * 1024))).status).toBe(413);
  });
});

describe('the sandbox is strict about keys', () => {
  async function as(apiKey: string, method: string, path: string, body?: FormData): Promise<Called> {
    return callerOf(sandbox, apiKey)(method, path, body);
  }

  it('which are the password of the user “api”', async () => {
    expect(await as('wrong', 'POST', MESSAGES, form())).toEqual({ status: 401, body: { text: 'Forbidden' } });
    expect(await as('wrong', 'GET', '/v4/domains/x')).toEqual({
      status: 401,
      body: { message: 'Invalid private key' },
    });
    const headers = { authorization: `Basic ${Buffer.from(`key:${SANDBOX_KEYS.working}`).toString('base64')}` };
    expect((await fetch(sandbox.url + MESSAGES, { method: 'POST', headers, body: form() })).status).toBe(401);
    expect((await fetch(sandbox.url + MESSAGES, { method: 'POST', body: form() })).status).toBe(401);
  });

  it('of which a sending key only sends for its domain', async () => {
    const { sending } = SANDBOX_KEYS;
    expect((await as(sending, 'POST', MESSAGES, form())).status).toBe(200);
    for (const [method, path] of [
      ['GET', `/v4/domains/${SANDBOX_DOMAINS.working}`],
      ['GET', `/v3/domains/${SANDBOX_DOMAINS.working}/webhooks`],
      ['GET', '/v5/accounts/http_signing_key'],
      ['POST', `/v3/${SANDBOX_DOMAINS.sandbox}/messages`],
    ] as const) {
      expect((await as(sending, method, path)).status).toBe(401);
    }
  });

  it("of which an analyst's can read, and only an admin's can read the signing key", async () => {
    const { analyst, developer, working } = SANDBOX_KEYS;
    expect((await as(analyst, 'GET', `/v4/domains/${SANDBOX_DOMAINS.working}`)).status).toBe(200);
    expect((await as(analyst, 'POST', MESSAGES, form())).status).toBe(403);
    const statuses = await Promise.all(
      [analyst, developer, working].map((key) => as(key, 'GET', '/v5/accounts/http_signing_key')),
    );
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 200]);
    expect(statuses[2]?.body).toEqual({ http_signing_key: sandbox.signer.key });
  });
});

describe('the sandbox is strict about paths', () => {
  it.each([
    ['GET', `/v4/domains/${SANDBOX_DOMAINS.working}`, 200],
    ['GET', '/v4/domains/unheard-of.example', 404],
    ['POST', '/v3/unheard-of.example/messages', 404],
    ['GET', MESSAGES, 404],
    ['GET', `/v3/domains/${SANDBOX_DOMAINS.working}`, 404],
    ['PUT', `/v3/domains/${SANDBOX_DOMAINS.working}/webhooks`, 404],
    ['POST', '/v5/accounts/http_signing_key', 404],
    ['POST', '/v3/domains//webhooks', 404],
  ])('%s %s is %d', async (method, path, status) => {
    expect((await call(method, path)).status).toBe(status);
  });

  it('and returns a greeting for an unknown path', async () => {
    expect(await call('GET', '/v3')).toEqual({ status: 200, body: { text: 'Mailgun Magnificent API' } });
  });
});

describe('the sandbox is strict about webhooks', () => {
  async function types(url = URL): Promise<readonly string[]> {
    const { webhooks } = (await call('GET', WEBHOOKS.replace('v4', 'v3'))).body as {
      webhooks: Record<string, { urls: string[] } | null>;
    };
    return Object.entries(webhooks).flatMap(([type, entry]) => (entry?.urls.includes(url) === true ? [type] : []));
  }

  it('which are created once, updated completely, and removed', async () => {
    expect((await call('POST', WEBHOOKS, fields(URL, 'opened', 'clicked'))).status).toBe(200);
    expect(await call('POST', WEBHOOKS, fields(URL, 'clicked'))).toMatchObject({
      status: 400,
      body: { Reason: `Webhook for event type 'clicked' with URL '${URL}' already exists` },
    });
    expect((await call('POST', WEBHOOKS, fields(URL, 'delivered'))).status).toBe(200);
    expect((await types()).toSorted()).toEqual(['clicked', 'delivered', 'opened']);
    expect((await call('PUT', WEBHOOKS, fields(URL, 'accepted'))).status).toBe(200);
    expect(await types()).toEqual(['accepted']);
    expect((await call('DELETE', `${WEBHOOKS}?url=${encodeURIComponent(URL)}`)).status).toBe(200);
    expect(await types()).toEqual([]);
    expect(await call('PUT', WEBHOOKS, fields(URL, 'accepted'))).toEqual({
      status: 404,
      body: { Description: 'Webhook not found' },
    });
  });

  it('of which a comma separates several', async () => {
    for (const url of ['https://a.example/x', 'https://b.example/x'])
      await call('POST', WEBHOOKS, fields(url, 'opened'));
    await call('DELETE', `${WEBHOOKS}?url=${encodeURIComponent('https://a.example/x,https://b.example/x')}`);
    expect(sandbox.webhooks).toEqual([]);
  });

  it('of which each type has three', async () => {
    for (const name of ['a', 'b', 'c']) await call('POST', WEBHOOKS, fields(`https://${name}.example/x`, 'opened'));
    expect((await call('POST', WEBHOOKS, fields(URL, 'clicked', 'opened'))).status).toBe(400);
    expect(await types()).toEqual([]);
    for (const name of ['a', 'b', 'c']) await call('DELETE', `${WEBHOOKS}?url=https://${name}.example/x`);
  });

  it.each<[string, string, URLSearchParams | FormData | string | undefined, number]>([
    ['POST', WEBHOOKS, fields('hooks', 'opened'), 400],
    ['POST', WEBHOOKS, fields('ftp://crm.example', 'opened'), 400],
    ['POST', WEBHOOKS, fields(URL), 400],
    ['POST', WEBHOOKS, fields(URL, 'failed'), 400],
    [
      'POST',
      WEBHOOKS,
      new URLSearchParams([
        ['url', URL],
        ['url', URL],
        ['event_types', 'opened'],
      ]),
      400,
    ],
    ['POST', WEBHOOKS, '{}', 400],
    ['POST', WEBHOOKS, form(), 400],
    ['DELETE', WEBHOOKS, undefined, 400],
    ['PATCH', WEBHOOKS, undefined, 404],
  ])('%s %s is rejected', async (method, path, body, status) => {
    expect((await call(method, path, body)).status).toBe(status);
    expect(sandbox.webhooks).toEqual([]);
  });
});

describe('the common interface of sandboxes', () => {
  it('returns its properties and what it accepted', async () => {
    const alike = await startSandbox({ verifiedSenders: ['@sender.example'] });
    const sent = plainMessage({ bcc: [{ email: 'audit@sender.example' }] });
    const { messageId } = await adapterFor({ url: String(alike.url) }).send(sent, settings(alike.settings));
    expect(alike).toMatchObject({
      vendor: 'mailgun',
      mails: [
        {
          messageId,
          from: 'no-reply@sender.example',
          recipients: ['ada@recipient.example', 'audit@sender.example'],
          subject: 'Welcome',
        },
      ],
      webhooks: [],
    });
    await alike.close();
  });

  it('fails as its failures describe', async () => {
    expect(Object.keys(sandbox.failures).length).toBeGreaterThan(5);
    for (const [code, changes] of Object.entries(sandbox.failures)) {
      const sending = adapterFor(sandbox).send(plainMessage(), settings({ ...sandbox.settings, ...changes }));
      await expect(sending).rejects.toMatchObject({ details: { code } });
    }
  });
});
