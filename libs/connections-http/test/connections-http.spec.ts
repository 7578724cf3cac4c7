import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ValidationPipe } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AdapterRegistry, ConnectionsService, type CreateConnectionInput } from '@score-crm/connections';
import { requestSchemas } from '../src/index.ts';
import { ADA, type Answer, EmbeddingApplication, PLATFORMS, simulated } from './support/embedding.ts';

const API = '/crm/email';
const PROBLEM = expect.stringContaining('application/problem+json');
const READER = { ...ADA, scope: 'read' } as const;

function webhookPath(id: string): string {
  return `${API}/webhooks/v2/simulated/${id}`;
}

describe.each(PLATFORMS)('an application on %s', (platform) => {
  let crm: EmbeddingApplication;
  let id: string;

  beforeAll(async () => {
    crm = await EmbeddingApplication.start(platform, { rawBody: true }, {}, (app) => {
      // As the README says.
      const leaveUnread = (_request: unknown, _body: unknown, done: (error: null) => void): void => done(null);
      if (platform === 'fastify') app.getHttpAdapter().getInstance().addContentTypeParser('text/csv', leaveUnread);
    });
    id = (await crm.call('POST', `${API}/connections`, { body: simulated() })).body.id;
  });
  afterAll(() => crm.app.close());

  it('creates a connection, sends through it, receives the webhook of its vendor and lists the events', async () => {
    const created = await crm.call('POST', `${API}/connections`, { body: simulated('Journeys') });
    expect(created).toMatchObject({ status: 201, body: { name: 'Journeys', secrets: { apiKey: { set: true } } } });
    const path = `${API}/connections/${String(created.body.id)}`;
    expect(created.headers.get('location')).toBe(path);

    const message = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello Ada' };
    const sent = await crm.call('POST', `${path}/messages`, {
      body: message,
      headers: { 'idempotency-key': 'first' },
    });
    expect(sent).toMatchObject({ status: 202, body: { accepted: ['ada@recipient.example'] } });
    const again = await crm.call('POST', `${path}/messages`, {
      body: message,
      headers: { 'idempotency-key': 'first' },
    });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(sent.body);

    const event = `{"id":"e1","kind":"delivered","at":"2026-01-01T00:00:00Z","recipient":"ada@recipient.example","messageId":"${String(sent.body.messageId)}","n":12345678901234567890}`;
    const post = (key: string): Promise<Answer> =>
      crm.call('POST', webhookPath(created.body.id), {
        caller: null,
        body: `[${event}]`,
        headers: { 'x-simulated-key': key },
      });
    expect(await post('wrong')).toMatchObject({ status: 401, body: { code: 'invalid_signature' } });
    expect(await post('right')).toMatchObject({ status: 200, body: { accepted: 1, duplicates: 0 } });
    expect(await crm.call('GET', webhookPath(created.body.id), { caller: null })).toMatchObject({ status: 200 });

    const { body: events } = await crm.call('GET', `${path}/events?order=asc`, { caller: READER });
    expect(events.data.map(({ kind }: { kind: string }) => kind)).toEqual(['sent', 'delivered']);
    const details = await crm.call('GET', `${path}/events/${String(events.data[1].id)}`);
    expect(details.headers.get('content-type')).toMatch('application/json');
    // As the vendor wrote it: a double cannot hold it.
    expect(details.text).toContain('12345678901234567890');
  });

  it('returns ETags, and 304 or 412 according to them', async () => {
    const path = `${API}/connections/${id}`;
    const read = await crm.call('GET', path);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"1\./);
    expect(await crm.call('GET', path, { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
      text: '',
    });
    expect((await crm.call('HEAD', path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const update = { body: { fromName: 'News' }, headers: { 'if-match': etag } };
    const updated = await crm.call('PATCH', path, update);
    expect(updated).toMatchObject({ status: 200, body: { fromName: 'News' } });
    expect(updated.headers.get('etag')).toMatch(/^"2\./);
    expect(await crm.call('PATCH', path, update)).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
  });

  it.each([
    ['no caller', 401, 'unauthorized', null],
    ['a caller without the scope', 403, 'forbidden', READER],
    ['a caller of another organization', 404, 'not_found', { ...ADA, organization: 'other' }],
    ['a caller who is restricted to another connection', 404, 'not_found', { ...ADA, connectionIds: ['other'] }],
    ['a caller without an organization', 500, 'internal_error', { ...ADA, organization: '' }],
    ['a caller with an unknown scope', 500, 'internal_error', { ...ADA, scope: 'owner' as 'manage' }],
  ])('rejects %s with %i', async (_what, status, code, caller) => {
    const answer = await crm.call('PATCH', `${API}/connections/${id}`, { caller, body: { fromName: 'Changed' } });
    expect(answer).toMatchObject({ status, body: { status, code, requestId: expect.any(String) } });
    expect(answer.headers.get('content-type')).toEqual(PROBLEM);
  });

  it('accepts null as no caller', async () => {
    const answer = await crm.call('GET', `${API}/vendors`, { caller: null, headers: { caller: 'null' } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it('limits a restricted caller to its connections', async () => {
    const caller = { ...ADA, connectionIds: [id] };
    expect(await crm.call('GET', `${API}/connections/${id}`, { caller })).toMatchObject({ status: 200 });
    const list = await crm.call('GET', `${API}/connections`, { caller });
    expect(list.body.data.map((connection: { id: string }) => connection.id)).toEqual([id]);
    expect(await crm.call('POST', `${API}/connections`, { caller, body: simulated() })).toMatchObject({ status: 403 });
  });

  it.each([
    ['JSON that is not valid', '{"name":', {}, 400],
    ['a value that is not valid', '{"name":""}', {}, 422],
    ['a lone surrogate', String.raw`{"name":"\ud800"}`, {}, 422],
    ['another media type', 'name: x', { 'content-type': 'text/plain' }, 415],
    ['a body that is too large', JSON.stringify({ name: 'x'.repeat(1 << 20) }), {}, 413],
  ])('returns a problem for %s', async (_what, body, headers, status) => {
    const answer = await crm.call('PATCH', `${API}/connections/${id}`, { body, headers });
    // What the parser of the framework rejects does not reach the module.
    expect(answer.status).toBe(status);
  });

  it('returns a problem for a query parameter that is not valid', async () => {
    expect(await crm.call('GET', `${API}/connections?limit=x&colour=red`)).toMatchObject({
      status: 400,
      body: { code: 'invalid_query', errors: [{ pointer: '/colour' }, { pointer: '/limit' }] },
    });
  });

  it('imports, lists and exports suppressions', async () => {
    const imported = await crm.call('POST', `${API}/suppressions/import`, {
      body: 'email\neve@example.com\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(imported).toMatchObject({ status: 200, body: { added: 1 } });
    const added = await crm.call('POST', `${API}/suppressions`, { body: { address: 'bob@example.com' } });
    expect(added.status).toBe(201);
    const exported = await crm.call('GET', `${API}/suppressions/export`);
    expect(exported.headers.get('content-type')).toMatch('text/csv');
    expect(exported.text).toContain('bob@example.com');
  });

  it('streams the events of the feed, and ends the streams when it closes', async () => {
    const own = await EmbeddingApplication.start(platform);
    const created = await own.call('POST', `${API}/connections`, { body: simulated() });
    const response = await own.fetch(`${API}/events/stream`, { headers: { caller: JSON.stringify(ADA) } });
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    const path = `${API}/connections/${String(created.body.id)}/messages`;
    await own.call('POST', path, { body: { to: [{ email: 'ada@recipient.example' }], subject: 'Hi', text: 'Hi' } });
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: sent')) text += (await reader.read()).value ?? '';
    const closed = own.app.close();
    while (!(await reader.read()).done);
    await closed;
  });

  it('answers a sample of the vendor as the module does, and says that the route was not exercised', async () => {
    const { body } = await crm.call('POST', `${API}/connections/${id}/webhook/sample`);
    expect(body).toMatchObject({ code: 'sample_unsupported' });
  });

  it('guards controllers of the application, and rejects a route without a scope', async () => {
    const path = '/crm/notes';
    expect(await crm.call('GET', path)).toMatchObject({ status: 200, body: { actor: 'ada', connectionIds: null } });
    expect(await crm.call('GET', path, { caller: READER })).toMatchObject({ status: 403 });
    expect(await crm.call('GET', path, { caller: null })).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(await crm.call('POST', path)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('is described by an OpenAPI document without missing schemas', () => {
    const document = SwaggerModule.createDocument(crm.app, new DocumentBuilder().addBearerAuth().build());
    const schemas = {
      ...document.components?.schemas,
      ...requestSchemas(crm.app.get(AdapterRegistry, { strict: false }).all()),
    };
    const text = JSON.stringify({ ...document, components: { schemas } });
    const references = [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter((name) => !(name in schemas))).toEqual([]);
    expect(document.paths['/crm/email/connections/{id}/messages']?.post).toMatchObject({
      operationId: expect.any(String),
      security: [{ bearer: ['send'] }],
    });
  });

  it('limits requests as the application decides', async () => {
    const counted: unknown[] = [];
    const own = await EmbeddingApplication.start(
      platform,
      { rawBody: true },
      {
        limits: {
          count: async (caller, _context, isTest) => void counted.push([caller.actor, isTest]),
        },
      },
    );
    await own.call('GET', `${API}/vendors`);
    await own.call('POST', `${API}/connections/test`, { body: simulated() });
    await own.app.close();
    expect(counted).toEqual([
      ['ada', false],
      ['ada', true],
    ]);
  });

  it('answers every request with 401 if the application resolves no callers', async () => {
    const own = await EmbeddingApplication.start(platform, {}, { callers: undefined as never });
    expect(await own.call('GET', `${API}/vendors`)).toMatchObject({ status: 401 });
    await own.app.close();
  });

  it('reads bodies itself if the application parses none', async () => {
    const own = await EmbeddingApplication.start(platform, { bodyParser: false }, {}, (app) => {
      const adapter = app.getHttpAdapter();
      if (platform !== 'fastify') return;
      const fastify = adapter.getInstance();
      fastify.removeAllContentTypeParsers();
      fastify.addContentTypeParser('*', (_request: unknown, _body: unknown, done: (error: null) => void) => done(null));
    });
    const { status, body } = await own.call('POST', `${API}/connections`, { body: simulated() });
    expect(status).toBe(201);
    const large = { to: [{ email: 'ada@recipient.example' }], subject: 'Hi', text: 'x'.repeat(2 << 20) };
    expect(await own.call('POST', `${API}/connections/${String(body.id)}/messages`, { body: large })).toMatchObject({
      status: 202,
    });
    const posted = await own.call('POST', webhookPath(body.id), {
      caller: null,
      body: '[{"id":"e1","kind":"delivered","at":"2026-01-01T00:00:00Z","recipient":"ada@recipient.example"}]',
      headers: { 'x-simulated-key': 'right' },
    });
    expect(posted).toMatchObject({ status: 200, body: { accepted: 1 } });
    const imported = await own.call('POST', `${API}/suppressions/import`, {
      body: 'email\neve@example.com\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(imported).toMatchObject({ status: 200, body: { added: 1 } });
    const compressed = await own.fetch(`${API}/suppressions`, {
      method: 'POST',
      headers: { caller: JSON.stringify(ADA), 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: new Uint8Array(gzipSync('{"address":"eve@example.com"}')),
    });
    expect(compressed.status).toBe(415);
    await own.app.close();
  });

  it('answers 500 and says in the log what to do if bodies are parsed without their bytes', async () => {
    const own = await EmbeddingApplication.start(platform, {});
    const { id: stored } = await own.app
      .get(ConnectionsService)
      .create(ADA, { ...simulated(), name: 'Stored' } as CreateConnectionInput);
    const requests = [
      own.call('POST', `${API}/connections`, { body: simulated() }),
      // Not 401: its signature may be right.
      own.call('POST', webhookPath(stored), { caller: null, body: [], headers: { 'x-simulated-key': 'right' } }),
    ];
    for (const answer of await Promise.all(requests)) {
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    }
    expect(own.lines.filter((line) => line.includes('Create the application with { rawBody: true }'))).toHaveLength(2);
    await own.app.close();
  });

  it('works beside a global ValidationPipe', async () => {
    const own = await EmbeddingApplication.start(platform, { rawBody: true }, {}, (app) => {
      app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true, forbidNonWhitelisted: true }));
    });
    expect(await own.call('POST', `${API}/connections`, { body: simulated() })).toMatchObject({ status: 201 });
    const list = await own.call('GET', `${API}/connections?limit=5&vendor=simulated`);
    expect(list).toMatchObject({ status: 200, body: { data: [{ name: 'Campaigns' }] } });
    await own.app.close();
  });
});
