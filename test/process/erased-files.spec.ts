import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { type Connection, createConnection } from 'mysql2/promise';
import { UnitOfWork } from '@score-crm/connections';
import { ErasureRunner } from '../../libs/connections/src/retention/erasure-runner.ts';
import { createDatabase } from '../support/databases.ts';
import { startPrivateServer, type DatabaseServer } from '../support/mariadb.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const REQUESTS = process.env['TEST_LONG'] === '1' ? 4_000 : 200;
const EVENTS_PER_REQUEST = 5;
const ADDRESS = 'ada@erased.example';
const GUIDE = readFileSync('docs/data-protection.md', 'utf8');

let server: DatabaseServer | undefined;

afterEach(async () => {
  await server?.stop();
});

/** The files of tables and of the undo log with one of these texts. The redo log is overwritten in its own time. */
function filesWith(folder: string, texts: readonly (string | Buffer)[]): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.ibd$|(?:^|\/)ibdata\d+$|(?:^|\/)undo\d+$/.test(file))
    .filter((file) => {
      const bytes = readFileSync(join(folder, file));
      return texts.some((text) => bytes.includes(text));
    })
    .toSorted();
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when the server has ended by itself and written all its pages. */
async function shutDown(connection: Connection): Promise<void> {
  await connection.query('SET GLOBAL innodb_fast_shutdown = 0');
  const [[row]] = (await connection.query('SELECT @@datadir AS folder, @@pid_file AS file')) as unknown as [
    { folder: string; file: string }[],
  ];
  const pid = Number(readFileSync(resolve(row?.folder ?? '', row?.file ?? ''), 'utf8'));
  connection.on('error', () => undefined);
  await connection.query('SHUTDOWN');
  while (isRunning(pid)) await delay(50);
}

it('leaves the address of an erased recipient in no file of a MariaDB table, with the documented settings', async () => {
  const settings = ['innodb_immediate_scrub_data_uncompressed=ON', 'innodb_undo_log_truncate=ON'];
  const [, tables = ''] = /`OPTIMIZE TABLE ([^`]+)`/.exec(GUIDE) ?? [];
  for (const setting of [...settings, tables]) expect([setting, GUIDE.includes(setting)]).toEqual([setting, true]);
  // The files must outlive the server.
  server = await startPrivateServer(
    settings.map((setting) => `--${setting.replaceAll('_', '-')}`),
    temporaryFolder('removed-'),
  );
  const database = await createDatabase('MariaDB', server.url);
  const service = await TestService.start(database);
  const hook = await SendgridWebhook.create(service);
  const admin = await createConnection({ uri: database.url });
  const query = async (sql: string): Promise<any[]> => (await admin.query(sql))[0] as any[];
  const [{ folder }] = await query('SELECT @@datadir AS folder');

  for (let request = 0; request < REQUESTS; request++) {
    const isOwn = request % 10 === 0;
    const events = Array.from({ length: EVENTS_PER_REQUEST }, (_, index) =>
      vendorEvent('bounce', {
        email: isOwn && index === 0 ? ADDRESS : `r${String(request)}-${String(index)}@kept.example`,
        reason: isOwn ? `550 5.1.1 <${ADDRESS}> is unknown` : '550 5.1.1 unknown',
      }),
    );
    expect((await hook.post(events)).status).toBe(200);
  }
  const [{ bytes: body }] = await query('SELECT bytes FROM event_bodies ORDER BY batch, part LIMIT 1');
  const traces = [ADDRESS, body.subarray(20, 60)];
  // Writes the pages that are only in memory.
  await query('FLUSH TABLES email_events, event_bodies FOR EXPORT');
  expect(filesWith(folder, traces).map((file) => file.replace(/.*\//, ''))).toEqual(
    expect.arrayContaining(['email_events.ibd', 'event_bodies.ibd']),
  );
  await query('UNLOCK TABLES');

  const { id } = (await service.call('POST', '/api/v1/erasures', { body: { recipient: ADDRESS } })).body;
  const state = async (): Promise<any> => (await service.call('GET', `/api/v1/erasures/${String(id)}`)).body;
  const passed = async (): Promise<void> => {
    for (let isWaiting = true; isWaiting;) {
      const [row] = await query(`SELECT leased_by, state FROM erasures WHERE id = '${String(id)}'`);
      isWaiting = row.leased_by !== null || row.state === 'pending';
      await delay(20);
    }
  };
  await passed();
  // As if it had been requested three minutes ago.
  const before = "requested_at - INTERVAL 3 MINUTE, due_at = requested_at, state = 'pending'";
  await service.app.get(UnitOfWork).write((tx) => tx.query(`UPDATE erasures SET requested_at = ${before}`));
  service.app.get(ErasureRunner).start();
  await passed();
  expect(await state()).toMatchObject({ state: 'completed', events: REQUESTS / 10, bodies: REQUESTS / 10 });
  await service.stop();

  await query(`OPTIMIZE TABLE ${tables}`);
  await shutDown(admin);
  expect(filesWith(folder, traces)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
}, 600_000);
