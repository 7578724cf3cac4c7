import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ApiCall,
  type ErrorMap,
  FormBody,
  HttpClient,
  type HttpResponse,
  OutboundPolicy,
  type PointerTable,
  rejectedMember,
  resetTime,
  SettingsField,
  VendorApi,
  VendorEndpoints,
  type VendorFault,
} from '@score-crm/adapter-kit';
import { failureOf, httpServer, type LoopbackServer } from '@score-crm/adapter-kit/testing';

class AcmeSettings {
  @SettingsField({ label: 'API key', secret: true })
  apiKey: string = 'acme-key/1+secret';

  @SettingsField({ label: 'Webhook secret', secret: true, inboundOnly: true })
  webhookSecret?: string;

  @SettingsField({ label: 'Stream' })
  stream: string = 'outbound';
}

const POINTERS: PointerTable = [
  [/^recipients\.(to|cc|bcc)\.(\d+)\.address$/, '$1.$2.email'],
  [/^custom_headers\b/, 'headers'],
  [/^from\b/, 'from'],
  [/^subject$/, 'subject'],
  [/invalid '(to|cc|bcc)' address/i, '$1'],
];

const ERRORS: ErrorMap = [
  { on: 401, hint: 'Acme rejected the key. Enter a valid one.' },
  {
    vendorCode: ['405', '406'],
    code: 'quota_exceeded',
    fault: 'vendor',
    retryable: true,
    hint: 'No credits are left.',
  },
  { on: [400, 422], words: /\bspam\b/i, code: 'message_rejected', hint: 'It looks like spam.' },
  { on: 400, field: 'stream', pointer: '/stream', hint: 'The stream is wrong.' },
  { on: [400, 422], derive: rejectedMember('Acme') },
  { on: 400, fault: 'sender', hint: 'Acme rejected the request. Read its reply.' },
];

class AcmeApi extends VendorApi<AcmeSettings> {
  readonly vendor = 'acme';
  readonly displayName = 'Acme';
  protected readonly errors = ERRORS;
  protected override readonly basePath = '/v1';
  protected override readonly pointers = POINTERS;

  protected origin({ stream }: AcmeSettings): string {
    return `https://${stream}.acme.example`;
  }

  protected headers({ apiKey }: AcmeSettings): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${apiKey}` };
  }

  protected override faultsIn(body: unknown): readonly VendorFault[] {
    return (body as { faults?: VendorFault[] } | undefined)?.faults ?? [];
  }

  protected override isSuccess(response: HttpResponse): boolean {
    return response.ok && !response.text().includes('"status":"fail"');
  }

  protected override derivedSecrets({ apiKey }: AcmeSettings): readonly string[] {
    return [apiKey.split('').toReversed().join('')];
  }

  protected override retryAfterMs(response: HttpResponse, words: string): number | undefined {
    const [, seconds] = /in (\d+) seconds/.exec(words) ?? [];
    return seconds === undefined ? resetTime(response, 'x-reset', 60_000) : Number(seconds) * 1000;
  }
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

let server: LoopbackServer;
let api: AcmeApi;
let seen: Seen[];
let answer: { status: number; body: string; headers?: Record<string, string> };
const settings = new AcmeSettings();
const GET: ApiCall = { method: 'GET', path: '/things' };

beforeAll(async () => {
  server = await httpServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  api = new AcmeApi(
    new HttpClient(new OutboundPolicy({ allowLoopback: true })),
    new VendorEndpoints({ acme: `${server.url}/` }),
  );
});
beforeEach(() => {
  seen = [];
  answer = { status: 200, body: '{"id":"1"}' };
});
afterAll(() => server.close());

function failing(status: number, body: unknown, headers: Record<string, string> = {}) {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body), headers };
  return failureOf(api.call(settings, GET));
}

describe('a call', () => {
  it('goes to the base URL of the settings, unless the operator replaced it', () => {
    const vendors = new AcmeApi(new HttpClient(new OutboundPolicy()), new VendorEndpoints());
    expect(vendors.baseUrl(settings)).toBe('https://outbound.acme.example/v1');
    expect(api.baseUrl(settings)).toBe(`${server.url}/v1`);
  });

  it('sends the query, the headers of the vendor, and JSON', async () => {
    await api.call(settings, { ...GET, method: 'POST', query: { a: 'b c&d' }, body: { x: 'ü' } });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        url: '/v1/things?a=b+c%26d',
        body: '{"x":"ü"}',
        headers: {
          authorization: `Bearer ${settings.apiKey}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
      },
    ]);
  });

  it('sends a string as JSON that is already serialized, and no type without a body', async () => {
    await api.call(settings, { ...GET, method: 'POST', body: '{"x":1.0}' });
    await api.call(settings, GET);
    expect(seen[0]).toMatchObject({ body: '{"x":1.0}', headers: { 'content-type': 'application/json' } });
    expect(seen[1]?.headers).not.toHaveProperty('content-type');
  });

  it('sends forms with their own type', async () => {
    await api.call(settings, { ...GET, method: 'POST', body: FormBody.urlEncoded([['a', 'b c'], ['a', 'ü']]) }); // prettier-ignore
    const file = {
      field: 'attachment',
      filename: 'a"ü\r\n.txt',
      contentType: 'Text/X; a=b',
      content: Buffer.from('x\n'),
    };
    await api.call(settings, { ...GET, method: 'POST', body: FormBody.multipart([['to"', 'ä\n']], [file]) });
    expect(seen[0]).toMatchObject({
      body: 'a=b+c&a=%C3%BC',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const [, boundary = ''] =
      /^multipart\/form-data; boundary=(.+)$/.exec(String(seen[1]?.headers['content-type'])) ?? [];
    expect(seen[1]?.body).toBe(
      [
        `--${boundary}\r\nContent-Disposition: form-data; name="to%22"\r\n\r\nä\n\r\n`,
        `--${boundary}\r\nContent-Disposition: form-data; name="attachment"; filename="a%22ü%0D%0A.txt"\r\n`,
        'Content-Type: Text/X; a=b\r\n\r\nx\n\r\n',
        `--${boundary}--\r\n`,
      ].join(''),
    );
  });

  it('ends with its signal', async () => {
    expect(await failureOf(api.call(settings, { ...GET, signal: AbortSignal.abort() }))).toMatchObject({
      code: 'aborted',
    });
  });

  it('has a time limit', async () => {
    const silent = await httpServer(() => undefined);
    const slow = new AcmeApi(
      new HttpClient(new OutboundPolicy({ allowLoopback: true })),
      new VendorEndpoints({ acme: silent.url }),
    );
    expect(await failureOf(slow.call(settings, { ...GET, timeoutMs: 20 }))).toMatchObject({ code: 'timeout' });
    await silent.close();
  });

  it('resolves for any status as a request', async () => {
    answer = { status: 500, body: 'x' };
    expect((await api.request(settings, GET)).status).toBe(500);
  });

  it('returns the object of a response, and rejects anything else as not the vendor’s', async () => {
    expect(await api.object(settings, GET)).toEqual({ id: '1' });
    for (const body of ['[]', 'null', '<html>', '"x"']) {
      answer = { status: 200, body };
      expect(await failureOf(api.object(settings, GET))).toEqual({
        stage: 'message',
        code: 'invalid_response',
        fault: 'configuration',
        retryable: false,
        status: 200,
        hint: 'The response is not from Acme. Check the base URL.',
      });
    }
    expect(api.notVendor({ status: 204 }, 'so it may be lost', 'webhook').details).toMatchObject({
      stage: 'webhook',
      status: 204,
      hint: 'The response is not from Acme, so it may be lost. Check the base URL.',
    });
  });
});

describe('an error response', () => {
  it('is mapped by the first rule that applies, on top of the general meaning of its status', async () => {
    expect(await failing(401, 'no')).toEqual({
      stage: 'authenticate',
      code: 'authentication_failed',
      fault: 'configuration',
      retryable: false,
      status: 401,
      hint: 'Acme rejected the key. Enter a valid one.',
      reply: 'no',
    });
    expect(await failing(404, '')).toMatchObject({ code: 'invalid_request', status: 404, hint: expect.any(String) });
    expect(await failing(404, '')).not.toHaveProperty('reply');
  });

  it.each<[string, number, VendorFault[], object]>([
    ['a code, for any status', 422, [{ message: 'x', code: '406' }], { code: 'quota_exceeded', retryable: true }],
    ['words and one of several statuses', 422, [{ message: 'a' }, { message: 'Spam!' }], { code: 'message_rejected' }],
    ['no words of another status', 404, [{ message: 'Spam' }], { code: 'invalid_request' }],
    ['a field', 400, [{ message: 'x', field: 'stream' }], { pointer: '/stream', fault: 'configuration' }],
    ['the last rule', 400, [{ message: 'x', field: 'other' }], { fault: 'sender', hint: /request/ }],
  ])('is mapped by %s', async (_what, status, faults, expected) => {
    const { hint, ...rest } = expected as { hint?: RegExp };
    const failure = await failing(status, { faults });
    expect(failure).toMatchObject({ ...rest, status });
    expect(failure.hint).toMatch(hint ?? /./);
  });

  it('can have a status of success, if the vendor reports failures in that way', async () => {
    expect(await failing(200, { status: 'fail', faults: [{ message: 'x', code: '405' }] })).toMatchObject({
      code: 'quota_exceeded',
      status: 200,
      reply: 'x',
    });
  });

  it('is mapped by the rules of its call instead', async () => {
    answer = { status: 400, body: '{"faults":[{"message":"Spam"}]}' };
    const errors: ErrorMap = [{ on: 400, code: 'webhook_conflict', hint: 'Another one.' }];
    expect(await failureOf(api.call(settings, { ...GET, errors }))).toMatchObject({ code: 'webhook_conflict' });
  });

  it.each([
    [405, 'Acme does not know this API call. Check the base URL.'],
    [413, 'The message is too large for Acme. Send smaller attachments.'],
  ])('of the status %s has the meaning that all vendors share, if no rule applies', async (status, hint) => {
    answer = { status, body: '' };
    expect((await failureOf(api.call(settings, { ...GET, errors: [] }))).hint).toBe(hint);
    const errors: ErrorMap = [{ on: status, hint: 'Another one.' }];
    expect((await failureOf(api.call(settings, { ...GET, errors }))).hint).toBe('Another one.');
  });

  it('skips a rule whose function returns nothing, and gives it faults, words and response', async () => {
    answer = { status: 418, body: '{"faults":[{"message":"one","field":"subject"},{"message":"two"}]}' };
    const seenBy: unknown[] = [];
    const errors: ErrorMap = [
      {
        derive: (...all) => {
          seenBy.push(...all);
          return undefined;
        },
      },
      { on: 418, code: 'unsupported', derive: () => ({ hint: 'There is only tea.' }) },
    ];
    expect(await failureOf(api.call(settings, { ...GET, errors }))).toMatchObject({
      code: 'unsupported',
      hint: 'There is only tea.',
      reply: 'one two',
    });
    expect(seenBy).toMatchObject([
      [{ message: 'one', field: 'subject', pointer: '/subject' }, { message: 'two' }],
      'one two',
      { status: 418 },
    ]);
  });

  it.each<[VendorFault[], object]>([
    [
      [{ message: 'x', field: 'recipients.cc[1].address' }],
      { pointer: '/cc/1/email', stage: 'recipient', fault: 'recipient' },
    ],
    [[{ message: 'x', field: 'from.address' }], { pointer: '/from/address', stage: 'sender', fault: 'sender' }],
    [
      [{ message: 'x', field: 'custom_headers.X-A.b/c' }],
      { pointer: '/headers/X-A.b~1c', stage: 'message', fault: 'sender' },
    ],
    [[{ message: "Invalid 'To' address: 'x'." }], { pointer: '/to', stage: 'recipient' }],
    [
      [
        { message: 'y', field: 'z' },
        { message: 'x', field: 'subject' },
      ],
      { pointer: '/subject', stage: 'message' },
    ],
  ])('points to the member that it names: %j', async (faults, expected) => {
    expect(await failing(422, { faults })).toMatchObject({ code: 'invalid_request', ...expected });
  });

  it('contains no secret of the settings, nor one derived from them', async () => {
    const secret = Object.assign(new AcmeSettings(), { webhookSecret: 'hook-secret!9' });
    const reversed = secret.apiKey.split('').toReversed().join('');
    for (const text of [secret.apiKey, secret.webhookSecret ?? '', reversed]) {
      for (const body of [text, JSON.stringify({ faults: [{ message: text, field: text }] })]) {
        answer = { status: 400, body };
        expect((await failureOf(api.call(secret, GET))).reply).toBe('[redacted]');
      }
    }
    answer = { status: 400, body: 'outbound' };
    expect((await failureOf(api.call(secret, GET))).reply).toBe('outbound');
  });

  it('has the time to wait from Retry-After, or from where the vendor states it', async () => {
    expect(await failing(429, '', { 'retry-after': '3' })).toMatchObject({ retryAfterMs: 3_000 });
    expect(await failing(429, 'in 7 seconds', { 'retry-after': '3' })).toMatchObject({ retryAfterMs: 7_000 });
    expect(await failing(429, 'in 7 seconds')).toMatchObject({ retryAfterMs: 7_000 });
    const date = 'Mon, 18 Aug 2025 10:00:00 GMT';
    const at = String(Date.parse(date) / 1000 + 20);
    expect(await failing(429, '', { 'x-reset': at, date })).toMatchObject({ retryAfterMs: 20_000 });
    expect(await failing(429, '', { 'x-reset': String(Number(at) + 60), date })).not.toHaveProperty('retryAfterMs');
    expect(await failing(429, '', { 'x-reset': String(Number(at) - 60), date })).toMatchObject({ retryAfterMs: 0 });
    expect(await failing(429, '', { 'x-reset': 'soon', date })).not.toHaveProperty('retryAfterMs');
  });
});
