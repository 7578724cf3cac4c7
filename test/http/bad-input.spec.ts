import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/connections';

interface Fault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

describe.each(ANY_DATABASE)('bad input on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    expect((await service.call('GET', PATH)).body.data).toEqual([]);
    await service.stop();
    await service.database.drop();
  });

  const settings = { host: 'mail.example.com', username: 'u', password: 'p' };
  const whole = { name: 'A', vendor: 'smtp', settings };
  const withSettings = (change: object): object => ({ ...whole, settings: { ...settings, ...change } });

  it.each<[string, unknown, string, string]>([
    ['an unknown vendor', { ...whole, vendor: 'pigeon' }, '/vendor', 'unknown_vendor'],
    ['the vendor constructor', { ...whole, vendor: 'constructor' }, '/vendor', 'unknown_vendor'],
    ['the vendor __proto__', { ...whole, vendor: '__proto__' }, '/vendor', 'unknown_vendor'],
    ['a vendor that is no text', { ...whole, vendor: ['smtp'] }, '/vendor', 'wrong_type'],
    ['no vendor', { name: 'A', settings }, '/vendor', 'required'],
    ['no name', { vendor: 'smtp', settings }, '/name', 'required'],
    ['an empty name', { ...whole, name: '' }, '/name', 'required'],
    ['a name of 201 characters', { ...whole, name: 'n'.repeat(201) }, '/name', 'too_long'],
    ['a line break in the name', { ...whole, name: 'A\r\nBcc: x@example.com' }, '/name', 'control_character'],
    ['a superfluous member', { ...whole, colour: 'red' }, '/colour', 'unknown_field'],
    ['settings that are null', { ...whole, settings: null }, '/settings', 'required'],
    ['settings that are an array', { ...whole, settings: [] }, '/settings', 'wrong_type'],
    ['settings that are text', { ...whole, settings: 'host' }, '/settings', 'wrong_type'],
    ['no settings', { name: 'A', vendor: 'smtp' }, '/settings', 'required'],
    ['a missing host', withSettings({ host: undefined }), '/settings/host', 'required'],
    ['a superfluous field', withSettings({ apiKey: 'x' }), '/settings/apiKey', 'unknown_field'],
    ['a field named constructor', withSettings({ constructor: 'x' }), '/settings/constructor', 'unknown_field'],
    ['a field named a/b~c', withSettings({ 'a/b~c': 'x' }), '/settings/a~1b~0c', 'unknown_field'],
    ['the port 70000', withSettings({ port: 70_000 }), '/settings/port', 'out_of_range'],
    ['a port that is text', withSettings({ port: '587' }), '/settings/port', 'wrong_type'],
    ['a port that is no whole number', withSettings({ port: 587.5 }), '/settings/port', 'wrong_type'],
    ['secure that is text', withSettings({ secure: 'yes' }), '/settings/secure', 'wrong_type'],
    ['a host that is a URL', withSettings({ host: 'smtp://mail.example.com' }), '/settings/host', 'invalid'],
    ['an unknown option', withSettings({ tlsMode: 'magic' }), '/settings/tlsMode', 'not_an_option'],
    [
      'a password without authentication',
      withSettings({ authentication: 'none', username: undefined }),
      '/settings/password',
      'not_applicable',
    ],
    ['a line break in the user name', withSettings({ username: 'a\nb' }), '/settings/username', 'control_character'],
    ['a certificate that is none', withSettings({ caCertificate: 'hello' }), '/settings/caCertificate', 'invalid'],
    ['an address that is none', { ...whole, fromEmail: 'nobody' }, '/fromEmail', 'invalid_email'],
    ['a line break in the sender', { ...whole, fromName: 'A\r\nB' }, '/fromName', 'control_character'],
  ])('%s is 422 and named', async (_what, body, pointer, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    const faults = (answer.body as { errors: Fault[] }).errors;
    expect(faults).toContainEqual({ pointer, code, message: expect.stringMatching(/^[A-Z].{10,}\.$/s) });
  });

  it('names every fault at once', async () => {
    const body = { vendor: 'smtp', settings: { port: 0, colour: 'red' }, fromEmail: 'x' };
    const { errors } = (await service.call('POST', PATH, { body })).body as { errors: Fault[] };
    expect(errors.map((fault) => fault.pointer).toSorted()).toEqual([
      '/fromEmail',
      '/name',
      '/settings/colour',
      '/settings/host',
      '/settings/password',
      '/settings/port',
      '/settings/username',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['eleven recipients', { to: Array.from({ length: 11 }, (_, n) => `a${String(n)}@example.com`) }, '/to'],
    ['a recipient that is no address', { to: ['ada@example.com', 'nobody'] }, '/to/1'],
    ['recipients that are no array', { to: 'ada@example.com' }, '/to'],
    ['a recipient with a line break', { to: ['ada@example.com\r\nBcc: x@example.com'] }, '/to/0'],
  ])('%s is 422 in a test', async (_what, { to }: any, pointer) => {
    const answer = await service.call('POST', `${PATH}/test`, { body: { vendor: 'smtp', settings, to } });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer }]);
  });

  it.each<[string, string, number, string]>([
    ['a body that is not JSON', '{"name":', 400, 'malformed'],
    ['a body with __proto__', '{"__proto__":{"name":"A"},"name":"A"}', 422, 'invalid_input'],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(1_100_000) }), 413, 'payload_too_large'],
    ['a body that is an array', '[]', 422, 'invalid_input'],
    ['a body that is null', 'null', 422, 'invalid_input'],
  ])('%s is refused', async (_what, body, status, code) => {
    const answer = await service.call('POST', PATH, { body });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.detail).toMatch(/\.$/);
  });

  it('a body of another type is 415', async () => {
    const answer = await service.call('POST', PATH, { body: '<a/>', headers: { 'content-type': 'text/xml' } });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('an address that cannot be decoded is 400, an unknown one 404', async () => {
    const broken = await raw(service.url, '/api/v1/connections/%zz', service.key);
    expect([broken.status, JSON.parse(broken.body).code]).toEqual([400, 'malformed']);
    expect((await service.call('GET', '/api/v1/nothing')).body.code).toBe('not_found');
    for (const id of ['1', 'ü', '__proto__', "' OR 1=1 --", 'x'.repeat(150)]) {
      expect((await service.call('GET', `${PATH}/${encodeURIComponent(id)}`)).status).toBe(404);
    }
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'vendor=%C3%BC', 'colour=red', 'limit=1&limit=2'])(
    'the query %s is 400',
    async (query) => {
      const answer = await service.call('GET', `${PATH}?${query}`);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_query']);
    },
  );

  it('rejects an invalid cursor with 400 invalid_query', async () => {
    const answer = await service.call('GET', `${PATH}?cursor=abc`);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_query']);
    expect(answer.body.errors).toMatchObject([{ pointer: '/cursor', code: 'invalid_cursor' }]);
  });

  it('a port that is not a mail port is refused, unless the operator allows it', async () => {
    const database = await createDatabase(kind);
    const strict = await TestService.start(database, { production: true, outboundPorts: [2526] });
    const body = (port: number, host = 'mail.sender.example') => smtpConnection(strict.secret(), { host, port });
    for (const [port, host] of [[22], [443], [3306], [8080, '1.1.1.1']] as [number, string?][]) {
      for (const path of [PATH, `${PATH}/test`]) {
        const answer = await strict.call('POST', path, { body: body(port, host) });
        expect([port, answer.status]).toEqual([port, 422]);
        const message = expect.stringContaining('(OUTBOUND_PORTS)');
        expect(answer.body.errors).toMatchObject([{ pointer: '/settings/port', code: 'port_forbidden', message }]);
      }
    }
    const created = await strict.call('POST', PATH, { body: body(2526) });
    expect(created.status).toBe(201);
    const path = `${PATH}/${String(created.body.id)}`;
    const { password } = body(22).settings;
    const moved = await strict.call('PATCH', path, { body: { settings: { port: 22, password } } });
    expect(moved.body.errors).toMatchObject([{ pointer: '/settings/port', code: 'port_forbidden' }]);
    await strict.stop();
    // Without the port, what is stored can still be edited and is refused when it is used.
    const stricter = await TestService.start(database, { production: true });
    expect(
      (await stricter.call('PATCH', path, { token: strict.key, body: { name: 'Old', settings: {} } })).status,
    ).toBe(200);
    const test = await stricter.call('POST', `${path}/test`, { token: strict.key });
    expect(test.body.diagnosis.error).toMatchObject({ code: 'port_forbidden', pointer: '/settings/port' });
    stricter.keepSecret(strict.key);
    await stricter.stop();
    await database.drop();
  });

  it('a private address is refused where the operator has not allowed it', async () => {
    const strict = await TestService.start(await createDatabase(kind), { production: true });
    for (const host of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '168.63.129.16', '::1', '64:ff9b::a9fe:a9fe']) {
      const body = smtpConnection(strict.secret(), { host });
      for (const path of [PATH, `${PATH}/test`]) {
        const answer = await strict.call('POST', path, { body });
        expect([host, answer.status]).toEqual([host, 422]);
        const message = expect.stringContaining('(OUTBOUND_ALLOW)');
        expect(answer.body.errors).toMatchObject([{ pointer: '/settings/host', code: 'address_forbidden', message }]);
      }
    }
    // What a name resolves to is only found out when it is used.
    const { body: test } = await strict.call('POST', `${PATH}/test`, {
      body: smtpConnection(strict.secret(), { host: 'localhost' }),
    });
    expect(test.diagnosis.error).toMatchObject({ code: 'address_forbidden', pointer: '/settings/host' });
    await strict.stop();
    await strict.database.drop();
  });
});

/** A request whose path the client must not mend. */
function raw(url: string, path: string, token: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { authorization: `Bearer ${token}` } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    })
      .on('error', reject)
      .end();
  });
}
