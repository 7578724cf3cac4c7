import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const LIST = '/api/v1/connections';
const UNKNOWN_ID = '0199f0d2-0000-7000-8000-000000000000';

describe('query parameters and headers', () => {
  let service: TestService;
  let path: string;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase('SQLite'));
    const created = await service.call('POST', LIST, { body: smtpConnection(service.secret()) });
    path = `${LIST}/${(created.body as { id: string }).id}`;
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function problemsOf(url: string): Promise<unknown[]> {
    const { status, headers, body } = await service.call('GET', url);
    expect([status, body.code, headers.get('content-type')]).toEqual([
      400,
      'invalid_query',
      'application/problem+json; charset=utf-8',
    ]);
    for (const { message } of body.errors) expect(message).toMatch(/^[A-Z].{10,}\.$/);
    return body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
  }

  it.each([
    ['limit=0', '/limit out_of_range'],
    ['limit=101', '/limit out_of_range'],
    ['limit=-1', '/limit out_of_range'],
    ['limit=x', '/limit out_of_range'],
    ['limit=1.5', '/limit out_of_range'],
    ['limit=0x10', '/limit out_of_range'],
    ['limit=1e1', '/limit out_of_range'],
    ['limit=%205', '/limit out_of_range'],
    ['limit=1&limit=2', '/limit repeated'],
    ['cursor=abc', '/cursor invalid_cursor'],
    // A cursor of the events.
    ['cursor=ZXZlbnQ6MQ', '/cursor invalid_cursor'],
    ['vendor=nope', '/vendor unknown_vendor'],
    ['enabled=yes', '/enabled not_an_option'],
    ['enabled=TRUE', '/enabled not_an_option'],
    ['vendor=SMTP', '/vendor unknown_vendor'],
    ['vendor=__proto__', '/vendor unknown_vendor'],
    [`search=${'x'.repeat(321)}`, '/search too_long'],
    ['colour=red', '/colour unknown_parameter'],
    ['constructor=x', '/constructor unknown_parameter'],
    ['__proto__=x', '/__proto__ unknown_parameter'],
    ['prototype=x', '/prototype unknown_parameter'],
    ['limit[gt]=5', '/limit[gt] unknown_parameter'],
    ['a~b%2Fc=1', '/a~0b~1c unknown_parameter'],
  ])('rejects ?%s of a list of connections with 400 invalid_query', async (query, problem) => {
    expect(await problemsOf(`${LIST}?${query}`)).toEqual([problem]);
    expect(await problemsOf(`/api/v1/sender-defaults?${query}`)).toEqual([problem]);
  });

  it.each([
    ['kind=nope', '/kind not_an_option'],
    ['kind=opened,nope,clicked', '/kind not_an_option'],
    ['kind=opened,', '/kind not_an_option'],
    ['kind=opened,%20clicked', '/kind not_an_option'],
    ['domain=ada@example.com', '/domain invalid'],
    ['domain=exa%20mple.com', '/domain invalid'],
    [`domain=${'x'.repeat(256)}`, '/domain invalid'],
    ['from=yesterday', '/from invalid_time'],
    ['from=2026-01-31', '/from invalid_time'],
    ['to=2026-01-31T08:00:00', '/to invalid_time'],
    ['to=2026-13-31T08:00:00Z', '/to invalid_time'],
    ['order=newest', '/order not_an_option'],
    ['order=asc,desc', '/order not_an_option'],
    ['kind=opened&kind=clicked', '/kind repeated'],
    ['recipient=ada', '/recipient invalid'],
    ['recipient=ada%0D%0A@example.com', '/recipient invalid'],
    // A cursor of the connections.
    [`cursor=${Buffer.from(UNKNOWN_ID).toString('base64url')}`, '/cursor invalid_cursor'],
    ['limit=0', '/limit out_of_range'],
    ['since=1', '/since unknown_parameter'],
  ])('rejects ?%s of a list of events with 400 invalid_query', async (query, problem) => {
    expect(await problemsOf(`${path}/events?${query}`)).toEqual([problem]);
  });

  it('names the wrong one of several kinds', async () => {
    const { body } = await service.call('GET', `${path}/events?kind=opened,Bounced,nope`);
    expect(body.errors).toEqual([
      {
        pointer: '/kind',
        code: 'not_an_option',
        message: expect.stringMatching(/^Unknown value: "Bounced"\. Use one or more of: queued, .*, unknown\.$/),
      },
    ]);
  });

  it.each([
    'kind=opened,clicked',
    'kind=opened,opened',
    'from=2026-01-31T08:00:00.5Z&to=2026-01-31T10:00:00%2B02:00',
    'domain=b%C3%BCcher.example&order=asc',
  ])('accepts ?%s of a list of events', async (query) => {
    expect((await service.call('GET', `${path}/events?${query}`)).status).toBe(200);
  });

  it.each([
    ['action=connection.nope', '/action not_an_option'],
    ['actor=' + 'x'.repeat(201), '/actor too_long'],
    [`connection=${UNKNOWN_ID}1`, '/connection too_long'],
    ['to=soon', '/to invalid_time'],
    ['cursor=abc', '/cursor invalid_cursor'],
    ['subject=1', '/subject unknown_parameter'],
  ])('rejects ?%s of the audit with 400 invalid_query', async (query, problem) => {
    expect(await problemsOf(`/api/v1/audit?${query}`)).toEqual([problem]);
  });

  it('returns the audit entries that match all parameters', async () => {
    const id = path.slice(LIST.length + 1);
    const from = new Date(Date.now() - 600_000).toISOString();
    const { status, body } = await service.call(
      'GET',
      `/api/v1/audit?connection=${id}&action=connection.create&from=${from}&limit=5`,
    );
    expect([status, body.nextCursor]).toEqual([200, null]);
    expect(body.data).toEqual([
      expect.objectContaining({ action: 'connection.create', subject: id, actor: expect.stringMatching(/^api-key:/) }),
    ]);
  });

  it.each([
    ['status=nope', '/status not_an_option'],
    ['status=accepted,', '/status not_an_option'],
    ['status=sent', '/status not_an_option'],
    ['status=accepted&status=rejected', '/status repeated'],
    // A cursor of the events.
    ['cursor=ZXZlbnQ6MQ', '/cursor invalid_cursor'],
    ['limit=101', '/limit out_of_range'],
  ])('rejects ?%s of a list of deliveries with 400 invalid_query', async (query, problem) => {
    expect(await problemsOf(`${path}/deliveries?${query}`)).toEqual([problem]);
  });

  it.each([
    ['days=0', '/days out_of_range'],
    ['days=401', '/days out_of_range'],
    ['interval=hour&days=32', '/days out_of_range'],
    ['interval=week', '/interval not_an_option'],
    ['from=yesterday', '/from invalid_time'],
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from out_of_range'],
    ['days=x', '/days out_of_range'],
    ['limit=5', '/limit unknown_parameter'],
  ])('rejects ?%s of the statistics with 400 invalid_query', async (query, problem) => {
    expect(await problemsOf(`${path}/stats?${query}`)).toEqual([problem]);
  });

  it('reports all problems of a query in one response', async () => {
    expect(await problemsOf(`${LIST}?vendor=nope&limit=0&cursor=abc&colour=red&search=a&search=b`)).toEqual([
      '/colour unknown_parameter',
      '/search repeated',
      '/vendor unknown_vendor',
      '/cursor invalid_cursor',
      '/limit out_of_range',
    ]);
  });

  it('reports at most 100 unknown parameters', async () => {
    const query = Array.from({ length: 150 }, (_, n) => `x${String(n)}`).join('&');
    expect(await problemsOf(`${LIST}?${query}`)).toHaveLength(100);
  });

  it('treats an empty parameter as absent', async () => {
    for (const url of [
      `${LIST}?vendor=&search=&limit=&cursor=`,
      `${path}/events?kind=&recipient=`,
      `${path}/deliveries?status=&cursor=`,
      `${path}/stats?days=`,
    ]) {
      expect((await service.call('GET', url)).status).toBe(200);
    }
  });

  it('accepts valid parameters and pages with the cursor of the previous page', async () => {
    const second = await service.call('POST', LIST, { body: smtpConnection(service.secret()) });
    const first = await service.call('GET', `${LIST}?vendor=smtp&limit=1`);
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual([second.body.id]);
    const next = await service.call('GET', `${LIST}?vendor=smtp&limit=1&cursor=${String(first.body.nextCursor)}`);
    expect(next.body.data.map(({ id }: { id: string }) => `${LIST}/${id}`)).toEqual([path]);
  });

  it.each(['"x"', '3', 'W/"1"', '"1", "2"', ''])('rejects If-Match: %s with 400 invalid_query', async (tag) => {
    const headers = { 'if-match': tag };
    const { status, body } = await service.call('PATCH', path, { headers, body: { name: 'B' } });
    expect([status, body.code]).toEqual([400, 'invalid_query']);
    expect(body.errors).toEqual([
      { pointer: '/If-Match', code: 'malformed', message: 'Use the ETag of the resource, such as "3", or *.' },
    ]);
  });

  it.each(['x', '1', UNKNOWN_ID, '__proto__', 'constructor'])('returns 404 for the id %s in the path', async (id) => {
    const paths = [id, `${id}/events`, `${id}/stats`, `${id}/deliveries`].map((end) => `${LIST}/${end}`);
    for (const url of [...paths, `${path}/events/${id}`, `${path}/deliveries/${id}`]) {
      const { status, body } = await service.call('GET', url);
      expect([url, status, body.code]).toEqual([url, 404, 'not_found']);
    }
  });

  it('rejects an id that is longer than 300 characters with 414 uri_too_long', async () => {
    const { status, body } = await service.call('GET', `${LIST}/${'x'.repeat(301)}`);
    expect([status, body.code]).toEqual([414, 'uri_too_long']);
    expect(body.detail).toBe('The URL, or an ID in it, is too long. Check the IDs in the path.');
  });

  it.each([
    ['PUT', LIST, 'GET, HEAD, POST'],
    ['PUT', `${LIST}/${UNKNOWN_ID}`, 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', `${LIST}/`, 'GET, HEAD, POST'],
    ['GET', `${LIST}/${UNKNOWN_ID}/messages`, 'POST'],
    ['GET', `${LIST}/${UNKNOWN_ID}/usages/campaign/42`, 'DELETE, PUT'],
    ['PUT', `${LIST}/test`, 'DELETE, GET, HEAD, PATCH, POST'],
    ['DELETE', '/health/live', 'GET, HEAD'],
  ])('answers %s %s with 405 and the methods that the path has', async (method, url, allowed) => {
    const { status, headers, body } = await service.call(method, url);
    expect([status, headers.get('allow'), body.code, body.title]).toEqual([
      405,
      allowed,
      'method_not_allowed',
      'Method Not Allowed',
    ]);
  });

  it.each([
    ['PUT', '/api/v1/nothing'],
    ['PUT', `${LIST}/${UNKNOWN_ID}/nothing`],
    ['POST', '/anywhere'],
  ])('answers %s %s with 404, because the path does not exist', async (method, url) => {
    const { status, headers } = await service.call(method, url);
    expect([status, headers.get('allow')]).toEqual([404, null]);
  });

  it('returns 304 for a connection whose ETag the client has', async () => {
    const { headers: fetched } = await service.call('GET', path);
    const etag = fetched.get('etag') ?? '';
    for (const tags of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const { status, headers, body } = await service.call('GET', path, { headers: { 'if-none-match': tags } });
      expect([status, headers.get('etag'), body]).toEqual([304, etag, '']);
      expect((await service.call('HEAD', path, { headers: { 'if-none-match': tags } })).status).toBe(304);
    }
    for (const tags of ['"999"', 'W/"999"']) {
      expect((await service.call('GET', path, { headers: { 'if-none-match': tags } })).status).toBe(200);
    }
    const changed = await service.call('PATCH', path, { headers: { 'if-none-match': etag }, body: { name: 'C' } });
    expect(changed.status).toBe(200);
    expect((await service.call('GET', path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('returns 200 instead of 304 after a usage or a test changed what a connection shows, but not its version', async () => {
    const changes = [
      () => service.call('PUT', `${path}/usages/campaign/1`, { body: { name: 'Spring sale', status: 'running' } }),
      () => service.call('POST', `${path}/test`, { body: {} }),
    ];
    for (const change of changes) {
      const before = await service.call('GET', path);
      const etag = before.headers.get('etag') ?? '';
      expect((await change()).status).toBeLessThan(300);
      const after = await service.call('GET', path, { headers: { 'if-none-match': etag } });
      expect([after.status, after.body.version]).toEqual([200, before.body.version]);
      expect(after.headers.get('etag')).not.toBe(etag);
      const { status } = await service.call('PATCH', path, { headers: { 'if-match': etag }, body: {} });
      expect(status).toBe(200);
    }
  });
});
