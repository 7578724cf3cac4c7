import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, DATABASES, type TestDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The commands of docs/backup-and-restore.md below the comment that has this name. */
function documented(name: string): string {
  const text = readFileSync('docs/backup-and-restore.md', 'utf8');
  const blocks = [...text.matchAll(/^ *<!-- (.+) -->\n+ *```sh\n([^]*?)```/gm)];
  return blocks.flatMap(([, names = '', block = '']) => (names.split(', ').includes(name) ? [block] : [])).join('\n');
}

const newKey = (): string => `k1:${randomBytes(32).toString('base64')}`;

describe.each(DATABASES)('the documented backup and rehearsal on %s', (kind) => {
  const tag = kind.toLowerCase();
  let folder: string;
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase(kind);
    folder = temporaryFolder('backup-');
    for (const name of ['backup', 'keys']) mkdirSync(join(folder, name));
  });
  afterEach(async () => {
    if (kind === 'MariaDB') run('mariadb $MARIADB -e "DROP DATABASE IF EXISTS $REHEARSAL"');
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  function run(script: string): { code: number | null; out: string; err: string } {
    const environment = { PATH: process.env['PATH'], BACKUP: join(folder, 'backup'), KEY_BACKUP: join(folder, 'keys') };
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euc', script], {
      env: { ...environment, ...(kind === 'SQLite' ? sqliteVariables() : mariadbVariables()) },
      encoding: 'utf8',
    });
    return { code: status, out: stdout, err: stderr };
  }

  function sqliteVariables() {
    return { DATA_DIR: join(folder, 'data'), REHEARSAL: join(folder, 'rehearsal') };
  }

  function mariadbVariables() {
    const { hostname, port, username, password, pathname } = new URL(database.url);
    const login = `--host=${hostname} --port=${port} --user=${username} --password=${password}`;
    const name = pathname.slice(1);
    return {
      MARIADB: `--no-defaults --protocol=tcp ${login}`,
      DATABASE: name,
      REHEARSAL: `${name}_rehearsal`,
      REHEARSAL_URL: `${database.url}_rehearsal`,
    };
  }

  /** Where the commands for SQLite expect the database: `$DATA_DIR/connections.sqlite`. */
  function place(key: string): TestDatabase {
    if (kind === 'MariaDB') {
      writeFileSync(join(folder, 'keys', 'encryption.key'), `${key}\n`);
      return database;
    }
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'encryption.key'), `${key}\n`, { mode: 0o600 });
    return sqliteIn('data');
  }

  function sqliteIn(name: string): TestDatabase {
    const path = join(folder, name, 'connections.sqlite');
    // What the run keeps of other databases would be restored to the file of `database`.
    const restoreSchema = async (): Promise<boolean> => false;
    return { ...database, url: `sqlite:${path}`, restoreSchema, dump: async () => readFileSync(path) };
  }

  it('restores the connections of a running service with all of their secrets', async () => {
    const key = newKey();
    const service = await TestService.start(place(key), { encryptionKeys: key });
    const create = () => service.call('POST', '/api/v1/connections', { body: smtpConnection(service.secret()) });
    await create();
    await create();
    const before = await service.call('GET', '/api/v1/connections');
    expect(run(documented(`backup ${tag}`))).toMatchObject({ code: 0, err: '' });
    // After the backup, and so not a part of it.
    await create();

    expect(run(documented(`rehearse ${tag}`))).toEqual({ code: 0, out: 'Readable 2, unreadable 0\n', err: '' });

    const copy = kind === 'SQLite' ? sqliteIn('rehearsal') : { ...database, url: `${database.url}_rehearsal` };
    const restored = await TestService.start(copy, { encryptionKeys: key });
    expect((await restored.call('GET', '/health/ready')).body).toMatchObject({
      status: 'ok',
      unreadableConnections: { count: 0 },
    });
    expect((await restored.call('GET', '/api/v1/connections', { token: service.key })).body).toEqual(before.body);
    await restored.stop();
    await service.stop();
  }, 180_000);

  it('reports the connections whose key is missing from the backup', async () => {
    const key = newKey();
    const service = await TestService.start(place(key), { encryptionKeys: key });
    const { body } = await service.call<{ id: string }>('POST', '/api/v1/connections', {
      body: smtpConnection(service.secret()),
    });
    expect(run(documented(`backup ${tag}`)).code).toBe(0);
    await service.stop();
    writeFileSync(join(folder, 'keys', 'encryption.key'), newKey());
    const { code, out } = run(documented(`rehearse ${tag}`));
    expect([code, out]).toEqual([2, `Readable 0, unreadable 1\nunreadable  ${body.id}\n`]);
  }, 180_000);
});
