import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { recordStatements } from '../../libs/connections/test/support/statements.ts';
import { createDatabase, DATABASES } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

describe.each(DATABASES)('deliveries on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  const list = async ({ id }: SendgridWebhook, search = ''): Promise<any> => {
    const { status, body } = await service.call('GET', `/api/v1/connections/${id}/deliveries${search}`);
    expect(status).toBe(200);
    return body;
  };
  const get = async ({ id }: SendgridWebhook, delivery: string, token?: string): Promise<any> =>
    service.call('GET', `/api/v1/connections/${id}/deliveries/${delivery}`, token === undefined ? {} : { token });

  it('are listed newest first, with their counts and reasons', async () => {
    const hook = await SendgridWebhook.create(service);
    const known = vendorEvent('delivered');
    const bodies = [JSON.stringify([known]), JSON.stringify([known, vendorEvent('open'), null]), '{"half', '{"half'];
    for (const body of bodies) await hook.postSigned(body);
    const { data, nextCursor } = await list(hook);
    expect(nextCursor).toBeNull();
    expect(data).toEqual([
      {
        id: expect.stringMatching(/^\d+$/),
        status: 'rejected',
        receivedAt: expect.any(String),
        lastReceivedAt: expect.any(String),
        occurrences: 2,
        size: 6,
        durationMs: expect.any(Number),
        accepted: 0,
        duplicates: 0,
        rejected: 0,
        rejections: [],
        reason: expect.stringMatching(/./),
        hasBody: true,
      },
      expect.objectContaining({
        status: 'accepted',
        occurrences: 1,
        size: bodies[1]?.length,
        accepted: 1,
        duplicates: 1,
        rejected: 1,
        rejections: [{ position: 2, reason: expect.any(String) }],
        reason: null,
        hasBody: true,
      }),
      expect.objectContaining({ status: 'accepted', accepted: 1, duplicates: 0, rejections: [], hasBody: true }),
    ]);
    expect(data[0].lastReceivedAt > data[0].receivedAt).toBe(true);
    expect(data[1].lastReceivedAt).toBe(data[1].receivedAt);
  });

  it('are filtered by status and paged by cursor, without gaps or repetitions', async () => {
    const hook = await SendgridWebhook.create(service);
    for (let index = 0; index < 7; index++) {
      await hook.postSigned(index % 2 === 0 ? `{"half ${String(index)}` : JSON.stringify([vendorEvent('open')]));
    }
    const all = (await list(hook)).data;
    expect(all).toHaveLength(7);
    for (const [search, expected] of [
      ['', all],
      ['status=rejected', all.filter((item: any) => item.status === 'rejected')],
      ['status=accepted', all.filter((item: any) => item.status === 'accepted')],
      ['status=accepted,rejected,accepted', all],
      ['status=unauthenticated', []],
    ]) {
      const paged: unknown[] = [];
      let cursor = '';
      do {
        const { data, nextCursor } = await list(hook, `?limit=2&${search}${cursor}`);
        paged.push(...data);
        cursor = nextCursor === null ? '' : `&cursor=${String(nextCursor)}`;
      } while (cursor !== '');
      expect(paged).toEqual(expected);
    }
  });

  it('do not include those of another connection, nor the events of sent messages', async () => {
    const [hook, other] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
    await hook.postSigned('{"half');
    await other.postSigned('{"half');
    const [{ id }] = (await list(other)).data;
    expect([(await get(other, id)).status, (await get(hook, id)).status]).toEqual([200, 404]);
    await service.app
      .get(UnitOfWork)
      .write((tx) => tx.query(`UPDATE event_batches SET status = 'sent' WHERE id = ${String(id)}`));
    expect((await list(other)).data).toEqual([]);
    for (const owner of [hook, other]) expect((await get(owner, id)).body.code).toBe('not_found');
    expect((await list(hook)).data).toHaveLength(1);
  });

  it('have their body as text, up to 1 MiB, for callers with the scope manage', async () => {
    const hook = await SendgridWebhook.create(service);
    const long = `{"half é${'€'.repeat(400_000)}`;
    for (const body of ['{"half é', long]) await hook.postSigned(body);
    const [second, first] = (await list(hook)).data;
    expect((await get(hook, first.id)).body).toEqual({
      ...first,
      contentType: 'application/json',
      body: '{"half é',
      truncated: false,
    });
    const { body } = await get(hook, second.id);
    expect(body).toMatchObject({ truncated: true, size: Buffer.byteLength(long) });
    expect([long.startsWith(body.body), Buffer.byteLength(body.body)]).toEqual([true, 1024 * 1024 - 1]);
    const reader = await service.tokenFor('default', 'read');
    expect((await get(hook, first.id, reader)).status).toBe(403);
  });

  it('without new events have no body', async () => {
    const hook = await SendgridWebhook.create(service);
    const body = JSON.stringify([vendorEvent('open')]);
    for (let count = 0; count < 2; count++) await hook.postSigned(body);
    const [repetition] = (await list(hook)).data;
    expect(repetition).toMatchObject({ accepted: 0, duplicates: 1, hasBody: false });
    expect((await get(hook, repetition.id)).body).toMatchObject({ body: null, truncated: false });
  });

  it('are read from the index, one bounded range for each status', async () => {
    const hook = await SendgridWebhook.create(service);
    await hook.postSigned('{"half');
    const dataSource = service.app.get<DataSource>(getDataSourceToken());
    const { statements } = await recordStatements(dataSource, () => list(hook, '?status=rejected,accepted'));
    const listing = statements.filter((sql) => sql.includes('UNION ALL'));
    expect(listing).toHaveLength(1);
    const [union = ''] = listing;
    expect(union.match(/connection = \? AND status = \? ORDER BY id DESC LIMIT 26\)/g)).toHaveLength(2);
    const sql = union.replace(/status = \?/g, "status = 'rejected'").replace(/\?/g, '1');
    const explain = kind === 'SQLite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const plan: object[] = await service.app.get(UnitOfWork).read((tx) => tx.query(`${explain} ${sql}`));
    const steps = plan.map((step) => JSON.stringify(step));
    const ranges = steps.filter((step) => step.includes('ix_event_batches_status'));
    expect(ranges).toHaveLength(2);
    for (const step of ranges) expect(step).toMatch(/connection=\? AND status=\?|"type":"ref"/);
    expect(
      steps.filter((step) => /SCAN event_batches|"table":"event_batches","type":"(ALL|index)"/.test(step)),
    ).toEqual([]);
  });
});
