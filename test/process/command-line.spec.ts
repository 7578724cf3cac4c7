import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsumersService, EventConsumers, UnitOfWork } from '@score-crm/connections';
import { counted } from '../support/counted.ts';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { COMMAND_LINE, TestProcess } from '../support/process.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const newKey = (kid: string): string => `${kid}:${randomBytes(32).toString('base64')}`;

afterEach(() => TestProcess.endAll());

async function run(environment: Record<string, string>, ...args: string[]) {
  const command = new TestProcess(COMMAND_LINE, args, { NODE_ENV: 'production', ...environment });
  return { code: await command.exited, out: command.stdout, err: command.stderr };
}

// Each command starts a process; what they do on MariaDB is tested with the services that they call.
describe.each(ANY_DATABASE)('the command line on %s', (kind) => {
  it('runs migrations, and makes, lists and revokes API keys', async () => {
    const database = await createDatabase(kind);
    const environment = { DATABASE_URL: database.url, ENCRYPTION_KEYS: newKey('k1') };
    expect((await run(environment, 'migrations', 'pending')).out).toMatch(/^CreateConnections\d+\nCreateApiKeys\d+\n/);
    expect((await run(environment, 'migrations', 'run')).code).toBe(0);
    expect((await run(environment, 'migrations', 'pending')).out).toBe('No pending migrations.\n');

    const made = await run(
      environment,
      'api-keys',
      'create',
      '--organization',
      'acme',
      '--name',
      'CI',
      '--scope',
      'send',
      '--expires',
      '30',
    );
    const [, id, key] = /^id {3}(\S+)\nkey {2}(sk_\S+)\n$/.exec(made.out) ?? [];
    const service = await TestService.start(database, { encryptionKeys: environment.ENCRYPTION_KEYS });
    const read = (): Promise<{ status: number }> => service.call('GET', '/api/v1/connections', { token: key ?? '' });
    expect((await read()).status).toBe(200);
    const [list, unknown] = await Promise.all([
      run(environment, 'api-keys', 'list', '--organization', 'acme'),
      run(environment, 'api-keys', 'revoke', id ?? ''),
    ]);
    expect(list.out).toMatch(/ send {4}….{4} {2}created \S+ {2}used \S+ {2}expires \S+ {2}CI\n$/);
    expect(unknown.code).toBe(1);
    expect((await run(environment, 'api-keys', 'revoke', id ?? '', '--organization', 'acme')).code).toBe(0);
    expect((await read()).status).toBe(401);
    await service.stop();
    await database.drop();
  }, 180_000);

  it('lists and moves the consumers of the feed', async () => {
    const database = await createDatabase(kind);
    const keys = newKey('k1');
    const environment = { DATABASE_URL: database.url, ENCRYPTION_KEYS: keys };
    const service = await TestService.start(database, { encryptionKeys: keys });
    const handle = async (): Promise<void> => undefined;
    service.app.get(EventConsumers).add({ name: 'mine', type: 'subscriber', batchSize: 1, handle });
    const states = async () => service.app.get(ConsumersService).list();
    while (!(await states()).some(({ name }) => name === 'mine')) await delay(10);
    expect((await run(environment, 'consumers', 'pause', 'mine')).code).toBe(0);
    const [list, wrong] = await Promise.all([
      run(environment, 'consumers', 'list'),
      run(environment, 'consumers', 'seek', 'mine', 'yesterday'),
    ]);
    expect(list.out).toContain('mine  subscriber  position 1-0  lag 0  dead letters 0  paused\n');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('Use beginning, end, a position or a time.')]);
    expect((await run(environment, 'consumers', 'seek', 'mine', '7-2')).code).toBe(0);
    expect((await states()).find(({ name }) => name === 'mine')?.position).toEqual({ seq: 7, index: 2 });
    await service.stop();
    await database.drop();
  }, 180_000);

  it('re-encrypts all secrets with the newest key and lists the unreadable ones', async () => {
    const database = await createDatabase(kind);
    const [old, next, foreign] = [newKey('old'), newKey('next'), newKey('foreign')];
    const stored = async (encryptionKeys: string): Promise<void> => {
      const service = await TestService.start(database, { encryptionKeys });
      await service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
      await service.stop();
    };
    await stored(old);
    const both = { DATABASE_URL: database.url, ENCRYPTION_KEYS: `${next},${old}` };
    expect(await run(both, 'keys', 'rotate')).toMatchObject({
      code: 0,
      out: 'Re-encrypted 1, changed by others 0, unreadable 0\n',
    });
    expect((await run(both, 'keys', 'rotate')).out).toBe('Re-encrypted 0, changed by others 0, unreadable 0\n');

    await stored(foreign);
    const before = await database.dump();
    const lost = await run({ ...both, ENCRYPTION_KEYS: next }, 'keys', 'rotate');
    expect([lost.code, lost.out]).toEqual([2, expect.stringMatching(/unreadable 1\nunreadable {2}[0-9a-f-]{36}\n$/)]);
    if (kind === 'MariaDB') expect((await database.dump()).equals(before)).toBe(true);

    const service = await TestService.start(database, { encryptionKeys: `${next},${foreign}` });
    expect((await service.call('GET', '/health/ready')).body).toMatchObject({ status: 'ok' });
    await service.stop();
    await database.drop();
  }, 180_000);

  it('counts the events of the feed again, while no service is running', async () => {
    const database = await createDatabase(kind);
    const environment = { DATABASE_URL: database.url, ENCRYPTION_KEYS: newKey('k1') };
    const service = await TestService.start(database, { encryptionKeys: environment.ENCRYPTION_KEYS });
    const hook = await SendgridWebhook.create(service);
    await hook.post([vendorEvent('delivered'), vendorEvent('delivered'), vendorEvent('open')]);
    await counted(service.app);
    const count = async ({ app }: TestService): Promise<number> => {
      const [row] = await app
        .get(UnitOfWork)
        .read((tx) => tx.query<{ n: unknown }[]>('SELECT SUM(events) AS n FROM event_stats WHERE hours = 1'));
      return Number(row?.n);
    };
    await service.app.get(UnitOfWork).write((tx) => tx.query('UPDATE event_stats SET events = 9'));
    expect(await count(service)).toBe(18);
    await service.stop();
    expect(await run(environment, 'projections', 'rebuild', 'counts')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Counted 1 of 1 entries of the feed \(100 %\)\nThe counts are complete\.\n$/),
    });
    const again = await TestService.start(database, { encryptionKeys: environment.ENCRYPTION_KEYS });
    expect(await count(again)).toBe(3);
    await again.stop();
    await database.drop();
  }, 180_000);

  it('purges what was deleted long enough ago, and says what it could not', async () => {
    const database = await createDatabase(kind);
    const environment = {
      DATABASE_URL: database.url,
      ENCRYPTION_KEYS: newKey('k1'),
      DELETED_CONNECTION_RETENTION_DAYS: '5',
    };
    const service = await TestService.start(database, { encryptionKeys: environment.ENCRYPTION_KEYS });
    const write = (sql: string, parameters: unknown[]) =>
      service.app.get(UnitOfWork).write((tx) => tx.query(sql, parameters));
    const remove = async (days: number, vendorId?: string): Promise<string> => {
      const { id } = await SendgridWebhook.create(service);
      await service.call('DELETE', `/api/v1/connections/${id}`);
      const then = new Date(Date.now() - days * 86_400_000).toISOString().replace('T', ' ').replace('Z', '');
      await write('UPDATE connections SET deleted_at = ? WHERE id = ?', [then, id]);
      if (vendorId !== undefined) {
        await write('INSERT INTO connection_webhooks (connection_id, vendor_id) VALUES (?, ?)', [id, vendorId]);
      }
      return id;
    };
    await remove(4);
    await remove(6);
    const stuck = await remove(7, 'webhook-1');
    // Without PUBLIC_URL, the webhook's entry at the vendor cannot be told from others.
    expect(await run(environment, 'purge')).toMatchObject({
      code: 2,
      out: `Purged 1, postponed 1, failed 0\npostponed  ${stuck}\n`,
      err: expect.stringMatching(/could not be removed at the vendor .*PUBLIC_URL/),
    });
    expect(await run(environment, 'purge')).toMatchObject({ code: 0, out: 'Purged 0, postponed 0, failed 0\n' });
    await service.stop();
    await database.drop();
  }, 180_000);
});

it('the command line rejects an invalid organization, scope and expiry', async () => {
  const [organization, scope, noDate, past] = await Promise.all([
    run({}, 'api-keys', 'create', '--name', 'A', '--organization', 'a b'),
    run({}, 'api-keys', 'create', '--name', 'A', '--scope', 'root'),
    run({}, 'api-keys', 'create', '--name', 'A', '--expires', '2027-02-30'),
    run({}, 'api-keys', 'create', '--name', 'A', '--expires', '2001-01-01'),
  ]);
  expect([organization.code, organization.err]).toEqual([1, expect.stringMatching(/letters, digits/)]);
  expect([scope.code, scope.err]).toEqual([1, expect.stringMatching(/read, send, manage/)]);
  expect([noDate.code, noDate.err]).toEqual([1, expect.stringMatching(/number of days/)]);
  expect([past.code, past.err]).toEqual([1, expect.stringMatching(/in the past/)]);
}, 180_000);
