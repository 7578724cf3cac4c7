import { safeMessage } from '@score-crm/connections';
import { expect, it } from '@jest/globals';
import { createConnection } from 'mysql2/promise';
import { QueryFailedError } from 'typeorm';
import { parseDatabaseUrl } from '../src/config/urls.ts';
import { openDataSource } from '../src/database/data-source.ts';
import { createLogger } from '../src/logging/logger.ts';
import { NestLogger } from '../src/logging/nest-logger.ts';
import { createDatabase, DATABASES } from './support/databases.ts';

const SECRET = "it's-a-secret-value";

/** What a logger writes for an error, on every way to log one. */
function logged(error: unknown): string {
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line: string) => void lines.push(line) });
  logger.error(error);
  logger.error({ err: error }, 'failed');
  // As Fastify does it.
  logger.error({ err: error }, error instanceof Error ? error.message : 'failed');
  logger.child({}).warn({ err: error });
  const nest = new NestLogger(logger);
  nest.error(error, 'Context');
  nest.fatal(error, 'a stack', 'Context');
  expect(lines).toHaveLength(6);
  return lines.join('');
}

it.each(DATABASES)('a failed statement on %s is logged without its SQL, parameters and values', async (kind) => {
  const database = await createDatabase(kind);
  const dataSource = await openDataSource(parseDatabaseUrl(database.url));
  await dataSource.query('CREATE TABLE people (name VARCHAR(100) PRIMARY KEY)');
  const insert = (): Promise<unknown> => dataSource.query('INSERT INTO people (name) VALUES (?)', [SECRET]);
  await insert();
  const failures = [
    await insert().catch((error: unknown) => error),
    await dataSource.query(`SELEC '${SECRET}' FROM people`).catch((error: unknown) => error),
    await dataSource.query(`SELECT '${SECRET}' FROM nothing`).catch((error: unknown) => error),
  ];
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(QueryFailedError);
    const { driverError } = failure as QueryFailedError;
    const outer = new Error(`It failed: ${(failure as Error).message}`, { cause: failure });
    const errors = [failure, driverError, outer, new AggregateError([outer], (failure as Error).message)];
    for (const error of errors) {
      const text = logged(error);
      expect(text).not.toMatch(/secret-value|INSERT INTO|SELEC/);
      expect(text).toMatch(/"code":"(ER|SQLITE)_/);
      expect(text).toContain('safe-logging.spec.ts');
    }
  }
  await dataSource.destroy();
  await database.drop();
});

it('a message that the server has cut off inside of a value is logged without the value', () => {
  const cut = Object.assign(new Error(`Duplicate entry '${SECRET.replace("'", '')}`), { sqlState: '23000' });
  expect(logged(cut)).not.toContain('secret-value');
});

it.each([
  ["Table 'crm.people' doesn't exist", "Table … doesn't exist"],
  ["Field 'name' doesn't have a default value", "Field … doesn't have a default value"],
  ["Column 'name' cannot be null", 'Column … cannot be null'],
  ["Data too long for column 'name' at row 1", 'Data too long for column … at row 1'],
  ["Access denied for user 'ada'@'localhost' (using password: YES)", 'Access denied for user … (using password: YES)'],
  ['near "SELEC": syntax error', 'near …: syntax error'],
  ["Duplicate entry 'ada' for key 'people.name'", 'Duplicate entry …'],
])('keeps the end of %s', (message, expected) => {
  expect(safeMessage(Object.assign(new Error(message), { sqlState: '42S02' }))).toBe(expected);
});

it.each([
  "Duplicate entry 'ada it's-a-secret-value",
  "Duplicate entry 'ada' doesn't exist secret-value",
  "Duplicate entry 'ada\" secret-value at row 1' secret-value",
  "Incorrect value: 'ada' for column \"secret-value",
  "Duplicate entry 'x' at row 1 secret-value at row 41111111",
])('leaves the value out of %s', (message) => {
  expect(safeMessage(Object.assign(new Error(message), { sqlState: '23000' }))).not.toMatch(/secret-value|4111/);
});

it('an error that no database has raised keeps its message', () => {
  expect(logged(new TypeError("Cannot read 'x' of undefined"))).toContain("Cannot read 'x' of undefined");
});

it('a thrown value that is not an error is not written out', () => {
  const lines: string[] = [];
  createLogger('trace', { write: (line: string) => void lines.push(line) }).error({ err: { sql: SECRET } }, 'failed');
  expect(lines.join('')).toContain('thrown: object');
  expect(lines.join('')).not.toContain('secret-value');
});

it('a refused connection to MariaDB is logged with its code and without the password', async () => {
  const url = new URL(process.env['TEST_MYSQL_URL'] ?? '');
  const failure: unknown = await createConnection({
    host: url.hostname,
    port: Number(url.port),
    user: 'stranger',
    password: SECRET,
  }).catch((error: unknown) => error);
  const text = logged(failure);
  expect(text).toContain('ER_ACCESS_DENIED_ERROR');
  expect(text).not.toContain('secret-value');
});
