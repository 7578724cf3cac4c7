import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UnitOfWork, WebhookIngest } from '@score-crm/connections';
import { createConnection } from 'mysql2/promise';
import { createDatabase, DATABASES, type TestDatabase, batchesOf, ofConnection } from '../support/databases.ts';
import { type DatabaseServer, startPrivateServer } from '../support/mariadb.ts';
import { TestService } from '../support/service.ts';
import { sparkpostClick, SparkpostWebhook } from '../support/sparkpost-webhook.ts';
import { spyOnWrites } from '../../libs/connections/test/support/writes.ts';

const MANY = process.env['TEST_LONG'] === '1' ? 60_000 : 3_000;
const MIB = 1 << 20;

/** 22 kB that compression leaves as they are, and that are stored in full. */
function metadata(): Record<string, string> {
  const values = Array.from({ length: 6 }, (_, index) => [`m${String(index)}`, randomBytes(2_750).toString('base64')]);
  return Object.fromEntries(values) as Record<string, string>;
}

function manyEvents(count: number, fields: () => Record<string, unknown> = () => ({})): object[] {
  return Array.from({ length: count }, () => sparkpostClick(fields()));
}

let service: TestService;
const query = (sql: string): Promise<any[]> => service.app.get(UnitOfWork).read((tx) => tx.query(sql));
const requestsOf = (hook: SparkpostWebhook): Promise<any[]> => query(batchesOf(hook.id));
const countOf = async (hook: SparkpostWebhook): Promise<number> =>
  Number((await query(`SELECT COUNT(*) AS n FROM email_events WHERE ${ofConnection(hook.id)}`))[0].n);
const rawOf = async (hook: SparkpostWebhook, id: unknown): Promise<unknown> =>
  (await service.call('GET', `/api/v1/connections/${hook.id}/events/${String(id)}`)).body.raw;

/** Without the search for secrets: in tens of MiB of bodies it would take minutes, and the same route is searched elsewhere. */
async function stop(): Promise<void> {
  await service.app.close();
}

describe.each(DATABASES)('a large webhook on %s', (kind) => {
  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });
  afterAll(async () => {
    await stop();
    await service.database.drop();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('of 9 MiB is stored, and every raw form with it', async () => {
    const hook = await SparkpostWebhook.create(service);
    const events = manyEvents(400, () => ({ rcpt_meta: metadata() }));
    expect(await hook.post(events)).toMatchObject({ status: 200, body: { accepted: 400, duplicates: 0 } });
    const [{ id }] = await query(`SELECT MAX(id) AS id FROM email_events WHERE ${ofConnection(hook.id)}`);
    expect(events).toContainEqual(await rawOf(hook, id));
    expect(await hook.post(events)).toMatchObject({ status: 200, body: { accepted: 0, duplicates: 400 } });
    // Of the repeated one, no body is kept.
    expect((await requestsOf(hook)).map(({ body }) => body !== null)).toEqual([true, false]);
  });

  it('is answered after others that come in while it is stored', async () => {
    const [large, small] = [await SparkpostWebhook.create(service), await SparkpostWebhook.create(service)];
    const order: string[] = [];
    const answered = async (name: string, post: Promise<{ status: number }>): Promise<void> => {
      expect((await post).status).toBe(200);
      order.push(name);
    };
    const unitOfWork = service.app.get(UnitOfWork);
    const original = unitOfWork['store'].bind(unitOfWork);
    let began: () => void = () => undefined;
    const storing = new Promise<void>((resolve) => (began = resolve));
    spyOnWrites(unitOfWork).mockImplementation((work, options) => {
      if (options.lane === 'ingest') began();
      return original(work, options);
    });
    const slow = answered('large', large.post(manyEvents(MANY)));
    await storing;
    await Promise.all([answered('small', small.post(manyEvents(1))), answered('small', small.post(manyEvents(2)))]);
    await slow;
    expect(order).toEqual(['small', 'small', 'large']);
    expect(await requestsOf(large)).toMatchObject([{ accepted: MANY, duplicates: 0 }]);
    expect(await countOf(large)).toBe(MANY);
  });

  it('that fails in the middle keeps its counts right, and is completed when it is repeated', async () => {
    const hook = await SparkpostWebhook.create(service);
    const events = manyEvents(1_800);
    events[1_700] = sparkpostClick({ rcpt_to: 'refused@r.example' });
    await query(
      kind === 'SQLite'
        ? `CREATE TRIGGER refuse BEFORE INSERT ON email_events WHEN NEW.recipient = 'refused@r.example'
           BEGIN SELECT RAISE(ABORT, 'refused'); END`
        : `CREATE TRIGGER refuse BEFORE INSERT ON email_events FOR EACH ROW
           IF NEW.recipient = 'refused@r.example' THEN SIGNAL SQLSTATE '45000'; END IF`,
    );
    expect((await hook.post(events)).status).toBe(500);
    await query('DROP TRIGGER refuse');
    const stored = await countOf(hook);
    expect(stored).toBe(1_500);
    expect(await requestsOf(hook)).toMatchObject([{ accepted: stored, duplicates: 0 }]);
    const [{ id }] = await query(`SELECT MIN(id) AS id FROM email_events WHERE ${ofConnection(hook.id)}`);
    expect(events).toContainEqual(await rawOf(hook, id));
    expect((await hook.post(events)).body).toEqual({ accepted: 300, duplicates: 1_500 });
    expect(await requestsOf(hook)).toMatchObject([{}, { accepted: 300, duplicates: 1_500 }]);
    expect((await hook.post(events)).body).toEqual({ accepted: 0, duplicates: 1_800 });
  });

  it('waits in a bounded queue: beyond it, 503 with Retry-After, and other connections are not affected', async () => {
    const [busy, other] = [await SparkpostWebhook.create(service), await SparkpostWebhook.create(service)];
    const writer = service.app.get(WebhookIngest)['writer'];
    const unitOfWork = service.app.get(UnitOfWork);
    const original = unitOfWork['store'].bind(unitOfWork);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    spyOnWrites(unitOfWork).mockImplementation(async (work, options) => {
      if (options.lane === 'ingest') await held;
      return original(work, options);
    });
    const connection = { id: busy.id, number: 0, organizationNumber: 0, vendor: 'sparkpost' };
    const waiting = { connection, source: [], events: [], eventCount: 124_000 };
    const first = writer.write({ ...waiting, eventCount: 0 });
    const second = writer.write(waiting).catch(() => undefined);
    const answer = await busy.post(manyEvents(2_000));
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'overloaded', '5']);
    const accepted = other.post(manyEvents(1));
    release();
    expect((await accepted).status).toBe(200);
    await first;
    void second;
  });
});

describe('a webhook on a MariaDB server with a small max_allowed_packet', () => {
  let server: DatabaseServer;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await startPrivateServer(['--max-allowed-packet=4M']);
    database = await createDatabase('MariaDB', server.url);
    service = await TestService.start(database);
  }, 120_000);
  afterAll(async () => {
    await stop();
    await server.stop();
  });

  it('of 9 MiB is stored at 4 MiB and at 1 MiB', async () => {
    for (const limit of [4 * MIB, MIB]) {
      await limitPackets(limit);
      const hook = await SparkpostWebhook.create(service);
      const events = manyEvents(400, () => ({ rcpt_meta: metadata() }));
      expect((await hook.post(events)).body).toEqual({ accepted: 400, duplicates: 0 });
      const [{ id }] = await query(`SELECT MAX(id) AS id FROM email_events WHERE ${ofConnection(hook.id)}`);
      expect(events).toContainEqual(await rawOf(hook, id));
    }
  });

  it('with long values is stored at 512 KiB, with those that come with it', async () => {
    await limitPackets(MIB / 2);
    const [large, other] = [await SparkpostWebhook.create(service), await SparkpostWebhook.create(service)];
    // Characters that take several bytes in a statement.
    const quotes = Array.from({ length: 16 }, (_, index) => [`m${String(index)}`, '\u0001'.repeat(4_000)]);
    const fields = { rcpt_meta: Object.fromEntries(quotes) as unknown, rcpt_tags: quotes.map(([, value]) => value) };
    const answers = await Promise.all([
      large.post([sparkpostClick(fields)]),
      other.post(manyEvents(3)),
      other.post(manyEvents(2)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([await countOf(large), await countOf(other)]).toEqual([1, 5]);
  });

  /** What the server takes from now on; connections learn it when they are opened. */
  async function limitPackets(bytes: number): Promise<void> {
    const admin = await createConnection({ uri: server.url });
    await admin.query(`SET GLOBAL max_allowed_packet = ${String(bytes)}`);
    const [rows] = await admin.query(
      'SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB IS NOT NULL',
    );
    for (const { ID } of rows as { ID: number }[]) await admin.query(`KILL ${String(ID)}`);
    await admin.end();
    await query('SELECT 1');
  }
});
