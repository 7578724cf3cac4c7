import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { ANY_DATABASE, createDatabase, batchesOf } from '../support/databases.ts';
import { TestService } from '../support/service.ts';

const FIXTURES = new URL('../../libs/adapter-sparkpost/test/fixtures/', import.meta.url);
const PING = '[{"msys":{}}]';

function fixture(name: string): string {
  return readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8');
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

describe.each(ANY_DATABASE)('the webhook of a SparkPost connection on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind), { publicUrl: 'https://connections.example' });
  });
  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function connect(settings: object = {}): Promise<string> {
    const apiKey = service.watch(randomBytes(20).toString('hex'));
    const body = { name: 'Campaigns', vendor: 'sparkpost', settings: { apiKey, ...settings } };
    const created = await service.call('POST', '/api/v1/connections', { body });
    expect([created.status, created.body.secrets.webhookPassword.set]).toEqual([201, true]);
    return String(created.body.id);
  }

  async function post(id: string, body: string, authorization?: string): Promise<{ status: number; body: any }> {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    return service.call('POST', `/webhooks/v2/sparkpost/${id}`, { token: null, body, headers });
  }

  it('lets every event of a batch be looked at as it came, behind a ping and those of one item too', async () => {
    const webhookPassword = service.watch(randomBytes(24).toString('base64url'));
    const id = await connect({ webhookPassword });
    const [item] = JSON.parse(fixture('two-classes-in-one-item')) as object[];
    const [click] = JSON.parse(fixture('click')) as object[];
    const batch = JSON.stringify([{ msys: {} }, item, { msys: { message_event: 'garbage' } }, click]);
    const authorization = basic('score-crm', webhookPassword);

    expect(await post(id, batch, authorization)).toMatchObject({ status: 200, body: { accepted: 3, duplicates: 0 } });
    expect(await post(id, batch, authorization)).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 3 } });
    const { data } = (await service.call('GET', `/api/v1/connections/${id}/events`)).body;
    const raws = new Map<string, unknown>();
    for (const event of data) {
      raws.set(
        event.kind,
        (await service.call('GET', `/api/v1/connections/${id}/events/${String(event.id)}`)).body.raw,
      );
    }
    expect(Object.fromEntries(raws)).toEqual({
      delivered: item,
      opened: item,
      clicked: click,
    });
  });

  it('stores authenticated events of another vendor as a rejected delivery', async () => {
    const webhookPassword = service.watch(randomBytes(24).toString('base64url'));
    const id = await connect({ webhookPassword });
    const authorization = basic('score-crm', webhookPassword);
    const foreign = JSON.stringify([{ email: 'ada@recipient.example', timestamp: 1_755_444_161, event: 'delivered' }]);
    const answer = await post(id, foreign, authorization);
    expect([answer.status, answer.body.code]).toEqual([400, 'delivery_rejected']);
    const [row] = await service.app.get(UnitOfWork).read((tx) => tx.query(batchesOf(id)));
    expect(row).toMatchObject({ status: 'rejected', accepted: 0, rejected: 1, reason: expect.any(String) });
    expect(row.body.length).toBeGreaterThan(0);
  });

  it('takes the vendor’s test with the password that was made for it, and nothing without', async () => {
    const id = await connect();
    const { setupInstructions } = (await service.call('GET', `/api/v1/connections/${id}/webhook`)).body;
    const [, username, password] = setupInstructions.flatMap(({ value }: any) => value ?? []);
    expect(password).toMatch(/^[\w-]{43}$/);
    const test = await post(id, PING, basic(username, password));
    expect(test).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 0 } });
    expect((await post(id, PING)).status).toBe(401);
    expect((await post(id, PING, basic(username, 'another'))).status).toBe(401);
    expect((await post(id, PING, `Bearer ${String(password)}`)).status).toBe(401);
    const other = await connect();
    expect((await post(other, PING, basic(username, password))).status).toBe(401);
  });
});
