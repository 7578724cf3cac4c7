import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkedFetch } from '../support/contract.ts';
import { createDatabase } from '../support/databases.ts';
import { connectTo, HELLO, send } from '../support/sending.ts';
import { type Answer, TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const MIB = 1 << 20;

interface OpenApi {
  readonly paths: Record<string, Record<string, { requestBody?: { required?: boolean; content: object } }>>;
}

const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenApi;
const ROUTES = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([method]) => method !== 'get' && path.startsWith('/api/'))
    .map(([method, { requestBody }]) => ({ method: method.toUpperCase(), path, requestBody }))
    // An import reads CSV.
    .filter(({ requestBody }) => requestBody === undefined || 'application/json' in requestBody.content),
);
const JSON_ROUTES = ROUTES.filter(({ requestBody }) => requestBody !== undefined).map(
  ({ method, path }) => [method, path] as const,
);

describe('JSON bodies', () => {
  let service: TestService;
  let server: TestSmtpServer;
  let connection: string;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'), { operatorOrganization: 'default' });
    server = await TestSmtpServer.start({ username: 'relay', password: service.secret() });
    connection = await connectTo(service, server);
  });

  afterAll(async () => {
    await server.close();
    await service.stop();
    await service.database.drop();
  });

  const pathOf = (pattern: string): string =>
    pattern.replace('/api/v1/connections/{id}', connection).replace('{consumer}', 'campaign').replace('{ref}', '42');

  async function post(
    method: string,
    path: string,
    body: Uint8Array | ReadableStream | string,
    contentType = 'application/json',
  ): Promise<Answer<any>> {
    const response = await checkedFetch(service.url + path, {
      method,
      headers: { authorization: `Bearer ${service.key}`, 'content-type': contentType },
      body,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Everything that a body may create or change. */
  async function stored(): Promise<unknown> {
    const lists = ['/api/v1/connections', connection, `${connection}/usages`, '/api/v1/api-keys'];
    const answers = await Promise.all(lists.map((path) => service.call('GET', path)));
    return answers.map(({ body }) => body);
  }

  it('are declared by more than the routes that were known when this was written', () => {
    expect(JSON_ROUTES.length).toBeGreaterThanOrEqual(8);
  });

  it.each(ROUTES)('that are empty count as no body of $method $path', async ({ method, path, requestBody }) => {
    const missing = '00000000-0000-7000-8000-000000000000';
    const url = pathOf(path.replace('{id}', requestBody === undefined ? missing : '{id}'));
    const bare = await service.call(method, url);
    expect([200, 204, 404, 422]).toContain(bare.status);
    if (requestBody?.required === true) expect(bare.status).toBe(422);
    for (const body of ['', new Blob([]).stream()]) {
      expect((await post(method, url, body)).status).toBe(bare.status);
    }
  });

  describe.each(JSON_ROUTES)('of %s %s', (method, pattern) => {
    it.each<[string, () => Uint8Array]>([
      ['Latin-1', () => Buffer.from('{"name":"Gr\xfc\xdfe"}', 'latin1')],
      ['an overlong encoding', () => Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
      ['a surrogate as UTF-8', () => Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
      ['a character that is cut off', () => Buffer.from('"ü').subarray(0, 2)],
    ])('are refused in %s, whole or in chunks', async (_name, bytes) => {
      const before = await stored();
      for (const body of [bytes(), new Blob([bytes()]).stream()]) {
        const answer = await post(method, pathOf(pattern), body);
        expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
          400,
          'malformed',
          expect.stringContaining('UTF-8'),
        ]);
      }
      expect(await stored()).toEqual(before);
    });

    it.each(['iso-8859-1', '"utf-16"', 'windows-1252', 'utf-8; charset=latin1'])(
      'are refused with 415 for the charset %s',
      async (charset) => {
        const answer = await post(method, pathOf(pattern), '{}', `application/json; charset=${charset}`);
        expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
      },
    );

    it.each<[string, string, string]>([
      ['20,000 levels', '{"to":'.repeat(20_000) + '1' + '}'.repeat(20_000), 'too_deep'],
      ['100,000 levels, never closed', '['.repeat(100_000), 'too_deep'],
      ['300,000 empty objects', `{"to":[${'{},'.repeat(299_999)}{}]}`, 'too_many'],
      ['100,000 empty names', `{${'"":0,'.repeat(100_000)}"a":0}`, 'too_many'],
      [
        '50,000 metadata',
        `{"metadata":{${Array.from({ length: 50_000 }, (_, n) => `"k${String(n)}":""`).join()}}}`,
        'too_many',
      ],
    ])('are refused with %s before they are parsed', async (_name, body, code) => {
      const answer = await post(method, pathOf(pattern), body);
      expect([answer.status, answer.body.code]).toEqual([413, 'json_too_complex']);
      const most = pattern.endsWith('/batch') ? 100_000 : 20_000;
      const message =
        code === 'too_deep'
          ? 'The JSON is nested too deeply. Use at most 32 levels.'
          : `The JSON has too many values. Send at most ${String(most)} values and member names.`;
      expect(answer.body.errors).toEqual([{ pointer: '', code, message }]);
      expect(answer.body.detail).toBe(message);
    });

    it('rejects a lone surrogate in a value or a name', async () => {
      for (const body of ['{"name":"a\\ud800","settings":{"host":"\\udc00x"}}', '{"a\\udfff":1}']) {
        const answer = await post(method, pathOf(pattern), body);
        expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input']);
        expect(answer.body.errors[0]).toMatchObject({ code: 'invalid', message: expect.stringContaining('surrogate') });
      }
    });
  });

  it.each(['gzip', 'br', 'deflate, gzip'])('are refused with 415 in the Content-Encoding %s', async (encoding) => {
    const response = await checkedFetch(`${service.url}/api/v1/api-keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${service.key}`,
        'content-type': 'application/json',
        'content-encoding': encoding,
      },
      body: gzipSync(JSON.stringify({ name: 'Key', scope: 'read' })),
    });
    expect([response.status, await response.json()]).toEqual([
      415,
      expect.objectContaining({
        code: 'unsupported_media_type',
        detail: 'Compressed bodies are not supported. Send the body without Content-Encoding.',
      }),
    ]);
  });

  it('are refused with 415 as a form, with the media type to use', async () => {
    const answer = await post('POST', '/api/v1/api-keys', 'name=x', 'application/x-www-form-urlencoded');
    expect([answer.status, answer.body.detail]).toEqual([
      415,
      'The media type is not supported. Send the body as application/json.',
    ]);
  });

  it.each([
    'application/json',
    'application/json;charset="UTF-8"',
    'Application/JSON; Charset=utf8',
    'application/json; charset=us-ascii',
    'application/json; profile="x"; charset=utf-8',
  ])('are accepted as %s', async (type) => {
    const body = JSON.stringify({ name: 'Grüße 😀', scope: 'read' });
    const answer = await post('POST', '/api/v1/api-keys', body, type);
    expect([answer.status, answer.body.name]).toEqual([201, 'Grüße 😀']);
  });

  it('may start with a byte order mark and come in chunks of one byte', async () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify({ name: 'Ключ', scope: 'read' })}`);
    const chunks = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await post('POST', '/api/v1/api-keys', chunks)).toMatchObject({ status: 201, body: { name: 'Ключ' } });
  });

  it.each([' ', '\ufeff', '{"a":1', '{"name":"A"} {}'])(
    'are refused with 400 unless they are one plain JSON value: %s',
    async (body) => {
      const answer = await post('POST', '/api/v1/api-keys', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed']);
    },
  );

  it('may contain an escaped surrogate pair', async () => {
    const answer = await post('POST', '/api/v1/api-keys', '{"name":"\\ud83d\\ude00","scope":"read"}');
    expect([answer.status, answer.body.name]).toEqual([201, '😀']);
  });

  describe('of messages', () => {
    it.each<[string, string]>([
      ['9,000,000 empty objects', `{"to":[${'{},'.repeat(9_000_000)}{}]}`],
      ['5,500,000 empty names', `{${'"":1,'.repeat(5_500_000)}"":1}`],
      ['14,000,000 levels', '['.repeat(14_000_000)],
    ])('are refused with %s before they are parsed', async (_name, body) => {
      const answer = await post('POST', `${connection}/messages`, body);
      expect([answer.status, answer.body.code]).toEqual([413, 'json_too_complex']);
    });

    it('may be one long text of escapes, which is refused for its length alone', async () => {
      const body = `{"to":[{"email":"ada@recipient.example"}],"subject":"${'\\u0000'.repeat(4_500_000)}","text":"x"}`;
      const answer = await post('POST', `${connection}/messages`, body);
      expect([answer.status, answer.body.errors]).toEqual([
        422,
        [expect.objectContaining({ pointer: '/subject', code: 'too_long' })],
      ]);
    });

    it('have at most 100 problems reported, and short pointers', async () => {
      const to = Array.from({ length: 1_000 }, () => ({ email: 'nobody' }));
      const many = await send(service, connection, { ...HELLO, to });
      expect([many.status, many.body.errors.length]).toEqual([422, 100]);
      expect(many.body.detail).toContain('first 100 problems');
      const long = await send(service, connection, { ...HELLO, ['x'.repeat(5 * MIB)]: 1 });
      expect([long.status, long.body.errors[0].code]).toEqual([422, 'unknown_field']);
      expect(JSON.stringify(long.body).length).toBeLessThan(2_000);
      const few = await send(service, connection, { ...HELLO, colour: 1 });
      expect(few.body.detail).toContain('Each problem');
    });

    it('may have 1,000 recipients, 5 MiB of HTML and 16 MiB of attachments', async () => {
      const to = Array.from({ length: 1_000 }, (_, n) => ({ email: `r${String(n)}@recipient.example`, name: 'Ädä' }));
      const attachment = {
        filename: 'a.bin',
        contentType: 'application/octet-stream',
        content: Buffer.alloc(16 * MIB, 7).toString('base64'),
      };
      const message = { ...HELLO, to, html: 'ä'.repeat(2.5 * MIB), attachments: [attachment] };
      const answer = await send(service, connection, message);
      expect([answer.status, answer.body.accepted?.length]).toEqual([202, 1_000]);
    });
  });

  it('have at most 100 problems reported by every route', async () => {
    const settings = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${String(n)}`, 1]));
    const body = { ...smtpConnection(service.secret()), settings };
    const answer = await service.call('POST', '/api/v1/connections', { body });
    expect([answer.status, answer.body.errors.length]).toEqual([422, 100]);
    expect(answer.body.detail).toContain('first 100 problems');
  });
});
