import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { parseDatabaseUrl } from '../src/config/urls.ts';
import { withDataSource } from '../src/database/data-source.ts';
import { TestAuthority } from './support/certificates.ts';
import { createDatabase } from './support/databases.ts';
import { type DatabaseServer, startPrivateServer } from './support/mariadb.ts';
import { COMMAND_LINE, SERVICE, TestProcess } from './support/process.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

let server: DatabaseServer;
let port: string;
const files = { cert: '', key: '', ca: '', otherCa: '' };

/** The cipher of a connection of the service's pool; empty without TLS. */
async function cipher(host: string, query: string, user = 'secure'): Promise<string> {
  const location = parseDatabaseUrl(`mysql://${user}@${host}:${port}/score?${query}`);
  return withDataSource(location, async (dataSource) => {
    const [row] = await dataSource.query<{ Value: string }[]>("SHOW STATUS LIKE 'Ssl_cipher'");
    return row?.Value ?? '';
  });
}

beforeAll(async () => {
  const folder = temporaryFolder('database-tls-');
  // The server may run as another user.
  chmodSync(folder, 0o755);
  const [authority, other] = await Promise.all([TestAuthority.create(), TestAuthority.create()]);
  const { cert, key } = await authority.issue();
  for (const [name, content] of Object.entries({ cert, key, ca: authority.cert, otherCa: other.cert })) {
    files[name as keyof typeof files] = join(folder, `${name}.pem`);
    writeFileSync(join(folder, `${name}.pem`), content);
  }
  server = await startPrivateServer([`--ssl-cert=${files.cert}`, `--ssl-key=${files.key}`, `--ssl-ca=${files.ca}`]);
  ({ port } = new URL(server.url));
  const connection = await createConnection({ uri: `${server.url}/` });
  await connection.query('CREATE DATABASE score');
  // Every connection of this user has to be encrypted, also the one that asks for the version.
  await connection.query("CREATE USER secure@'%' REQUIRE SSL");
  await connection.query("GRANT ALL ON score.* TO secure@'%'");
  await connection.end();
}, 120_000);

afterAll(async () => {
  await server.stop();
});

it.each([
  ['127.0.0.1', () => 'ssl-mode=REQUIRED'],
  ['127.0.0.1', () => `ssl-mode=VERIFY_CA&ssl-ca=${files.ca}`],
  ['127.0.0.1', () => `ssl-ca=${files.ca}`],
  ['localhost', () => `ssl-mode=verify_identity&ssl-ca=${files.ca}`],
])('a database URL for %s encrypts every connection (%#)', async (host, query) => {
  expect(await cipher(host, query())).toMatch(/^(TLS_|ECDHE|DHE|AES)/);
});

it('a database URL without ssl-mode does not encrypt', async () => {
  expect(await cipher('127.0.0.1', '', 'root')).toBe('');
  await expect(cipher('127.0.0.1', 'ssl-mode=DISABLED')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
});

it('refuses a certificate of another authority, in both modes that verify', async () => {
  await expect(cipher('127.0.0.1', `ssl-mode=VERIFY_CA&ssl-ca=${files.otherCa}`)).rejects.toThrow(/certificate|verify/);
  await expect(cipher('localhost', `ssl-mode=VERIFY_IDENTITY&ssl-ca=${files.otherCa}`)).rejects.toThrow(
    /certificate|verify/,
  );
  // Without ssl-ca, the authorities of Node count.
  await expect(cipher('127.0.0.1', 'ssl-mode=VERIFY_CA')).rejects.toThrow(/certificate|verify/);
});

it('the service and the command line do not start without TLS where it is required', async () => {
  const database = await createDatabase('MariaDB');
  const environment = { DATABASE_URL: `${database.url}?ssl-mode=REQUIRED`, ENCRYPTION_KEYS: `k1:${'A'.repeat(43)}=` };
  const service = new TestProcess(SERVICE, [], { ...environment, PORT: '0' });
  const command = new TestProcess(COMMAND_LINE, ['migrations', 'run'], environment);
  expect(await Promise.all([service.exited, command.exited])).toEqual([1, 1]);
  expect(service.stdout).toContain('HANDSHAKE_NO_SSL_SUPPORT');
  expect(command.stderr).toMatch(/^Failed: .*secure connection/);
  await database.drop();
}, 120_000);
