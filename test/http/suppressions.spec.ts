import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { TestService } from '../support/service.ts';

describe.each(DATABASES)('the suppressions of the API on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const ROOT = '/api/v1/suppressions';
  const importCsv = (body: string, type = 'text/csv', headers = {}) =>
    service.call('POST', `${ROOT}/import`, { body, headers: { 'content-type': type, ...headers } });

  it('are added, listed, checked and removed', async () => {
    const added = await service.call('POST', ROOT, { body: { address: 'Ada@Example.com', note: 'By phone' } });
    expect([added.status, added.body]).toEqual([
      201,
      {
        id: expect.any(String),
        address: 'ada@example.com',
        reason: 'manual',
        eventId: null,
        connectionId: null,
        occurredAt: null,
        addedBy: expect.stringMatching(/^api-key:/),
        note: 'By phone',
        createdAt: expect.any(String),
      },
    ]);
    expect((await service.call('POST', ROOT, { body: { address: 'ada@example.com' } })).status).toBe(200);
    await service.call('POST', ROOT, { body: { address: "o'eve+tag/x%y@bücher.example" } });
    const first = await service.call('GET', `${ROOT}?limit=1`);
    expect(first.body.data).toMatchObject([{ address: "o'eve+tag/x%y@xn--bcher-kva.example" }]);
    const second = await service.call('GET', `${ROOT}?limit=1&cursor=${String(first.body.nextCursor)}`);
    expect(second.body).toEqual({ data: [added.body], nextCursor: null });
    expect((await service.call('GET', `${ROOT}?reason=hard_bounce`)).body.data).toEqual([]);
    expect((await service.call('GET', `${ROOT}?address=ADA%40example.com`)).body.data).toEqual([added.body]);
    expect((await service.call('GET', `${ROOT}?reason=none&cursor=x&limit=0`)).body.errors).toHaveLength(3);

    const addresses = ['ADA@example.com', 'eve@example.com', 'ADA@example.com'];
    expect((await service.call('POST', `${ROOT}/check`, { body: { addresses } })).body).toEqual({
      data: [
        { address: 'ADA@example.com', reason: 'manual' },
        { address: 'eve@example.com', reason: null },
        { address: 'ADA@example.com', reason: 'manual' },
      ],
    });
    for (const address of ['Ada@Example.com', "O'EVE+tag/x%y@bücher.example"]) {
      const path = `${ROOT}/${encodeURIComponent(address)}`;
      expect((await service.call('DELETE', path)).status).toBe(204);
      expect(await service.call('DELETE', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
    expect((await service.call('GET', ROOT)).body).toEqual({ data: [], nextCursor: null });
  });

  it('require the scope send, and manage to remove, import and export', async () => {
    const [read, send] = [await service.tokenFor('default', 'read'), await service.tokenFor('default', 'send')];
    const calls = [
      ['GET', ROOT, undefined, 403, 200],
      ['POST', ROOT, { address: 'scope@example.com' }, 403, 201],
      ['POST', `${ROOT}/check`, { addresses: ['scope@example.com'] }, 403, 200],
      ['DELETE', `${ROOT}/scope@example.com`, undefined, 403, 403],
      ['GET', `${ROOT}/export`, undefined, 403, 403],
      ['POST', `${ROOT}/import`, 'scope@example.com', 403, 403],
    ] as const;
    for (const [method, path, body, ofRead, ofSend] of calls) {
      const headers = path.endsWith('import') ? { 'content-type': 'text/csv' } : {};
      expect((await service.call(method, path, { token: read, body, headers })).status).toBe(ofRead);
      expect((await service.call(method, path, { token: send, body, headers })).status).toBe(ofSend);
    }
    const other = await service.tokenFor('umbrella');
    expect((await service.call('GET', ROOT, { token: other })).body.data).toEqual([]);
    expect((await service.call('DELETE', `${ROOT}/scope@example.com`, { token: other })).status).toBe(404);
    expect((await service.call('DELETE', `${ROOT}/scope@example.com`)).status).toBe(204);
  });

  it('are imported from CSV while it arrives, and exported', async () => {
    const lines = Array.from({ length: 2_500 }, (_, index) => `${String(index)}@example.com,Ada\n`).join('');
    const { status, body } = await importCsv(
      `email,name\n${lines}none,Eve\n0@Example.com,Ada\n`,
      'Text/CSV; charset=utf-8',
    );
    expect([status, body]).toEqual([
      200,
      { added: 2_500, alreadySuppressed: 1, invalid: 1, invalidLines: [{ line: 2_502, reason: expect.any(String) }] },
    ]);
    const exported = await service.call('GET', `${ROOT}/export`);
    expect(exported.status).toBe(200);
    expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(exported.headers.get('content-disposition')).toBe('attachment; filename="suppressions.csv"');
    const [header, first, ...others] = String(exported.body).trimEnd().split('\r\n');
    expect(header).toMatch(/^email,reason,/);
    expect(first).toMatch(/^\d+@example\.com,list_import,/);
    expect(others).toHaveLength(2_499);
    expect((await importCsv(String(exported.body))).body).toMatchObject({ added: 0, alreadySuppressed: 2_500 });
  });

  it('refuse other media types and compressed files, and take an empty one', async () => {
    expect(await importCsv('{}', 'application/json')).toMatchObject({ status: 415 });
    const compressed = await importCsv('x', 'text/csv', { 'content-encoding': 'gzip' });
    expect(compressed).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(await importCsv('')).toMatchObject({ status: 200, body: { added: 0 } });
    // Another route still reads JSON only.
    const other = await service.call('POST', ROOT, { body: 'address', headers: { 'content-type': 'text/csv' } });
    expect(other.status).toBe(415);
  });

  it('keep what was imported before the sender disconnected', async () => {
    const { port, hostname } = new URL(service.url);
    const lines = Array.from({ length: 3_000 }, (_, index) => `cut-${String(index)}@example.com\n`).join('');
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${ROOT}/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.key}\r\nContent-Type: text/csv\r\nContent-Length: 10000000\r\n\r\n${lines}`,
    );
    const imported = async (): Promise<string | undefined> => {
      const body = { addresses: ['cut-0@example.com', 'cut-1999@example.com'] };
      const { data } = (await service.call('POST', `${ROOT}/check`, { body })).body;
      return data[1].reason ?? undefined;
    };
    for (const until = Date.now() + 30_000; (await imported()) === undefined && Date.now() < until;) continue;
    socket.destroy();
    expect(await imported()).toBe('list_import');
    const { body } = await importCsv(lines);
    expect(body.added).toBeLessThanOrEqual(1_000);
    expect(body.added + body.alreadySuppressed).toBe(3_000);
  });

  it('cause 422 with the reasons if all recipients of a message are suppressed', async () => {
    const settings = { host: '127.0.0.1', port: 25, secure: false, authentication: 'none' };
    const connection = { name: 'Mail', vendor: 'smtp', fromEmail: 'news@sender.example', settings };
    const { body: created } = await service.call('POST', '/api/v1/connections', { body: connection });
    expect(created.checkSuppressions).toBe(true);
    await service.call('POST', ROOT, { body: { address: 'never@example.com' } });
    const message = { to: [{ email: 'Never@example.com' }], subject: 'Hi', text: 'Hi' };
    const sent = await service.call('POST', `/api/v1/connections/${String(created.id)}/messages`, { body: message });
    expect([sent.status, sent.body.code]).toEqual([422, 'recipient_suppressed']);
    expect(sent.body.errors).toEqual([
      { pointer: '/to/0/email', code: 'recipient_suppressed', message: expect.stringMatching(/^Suppressed: manual\./) },
    ]);
  });
});
