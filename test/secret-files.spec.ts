import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ConfigurationError, readConfiguration } from '../src/config/environment.ts';
import { TEST_KEY } from './support/service.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const DATABASE = 'mysql://root:hunter2hunter2@db/score';

function file(content: string): string {
  const path = join(temporaryFolder('secrets-'), 'secret');
  writeFileSync(path, content);
  return path;
}

function messageOf(environment: Record<string, string>): string {
  try {
    readConfiguration({ NODE_ENV: 'production', ...environment });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return '';
}

it.each(['', '\n', '\r\n'])('reads every secret variable from a file that ends with %j', (end) => {
  const secret = ' a secret of more than thirty-two bytes ';
  const configuration = readConfiguration({
    NODE_ENV: 'production',
    DATABASE_URL_FILE: file(`${DATABASE}${end}`),
    ENCRYPTION_KEYS_FILE: file(`${TEST_KEY}${end}`),
    AUTH_JWT_SECRET_FILE: file(`${secret}${end}`),
    AUTH_JWT_ISSUER: 'crm',
    AUTH_JWT_AUDIENCE: 'score',
    METRICS_TOKEN_FILE: file(`hunter2hunter2hunter2${end}`),
    REDIS_URL_FILE: file(`redis://:hunter2hunter2@cache/2${end}`),
  });
  expect(configuration).toMatchObject({
    database: { host: 'db', password: 'hunter2hunter2' },
    encryptionKeys: TEST_KEY,
    jwt: { key: { kind: 'secret', secret } },
    metrics: { token: 'hunter2hunter2hunter2' },
    redis: { host: 'cache', password: 'hunter2hunter2', db: 2 },
  });
});

it('refuses a variable beside its file, and reports nothing else about it', () => {
  const message = messageOf({
    DATABASE_URL: DATABASE,
    DATABASE_URL_FILE: file(DATABASE),
    ENCRYPTION_KEYS: TEST_KEY,
  });
  expect(message).toMatch(/- DATABASE_URL_FILE cannot be combined with DATABASE_URL; remove one of them$/);
  expect(message).not.toContain('hunter2');
});

it.each([
  ['/no/such/file', /names a file that cannot be read \(ENOENT\): \/no\/such\/file$/],
  ['/', /names a file that cannot be read \(EISDIR\): \/$/],
])('names the variable and the path of the secret file %s', (path, fault) => {
  expect(messageOf({ DATABASE_URL: DATABASE, ENCRYPTION_KEYS_FILE: path })).toMatch(fault);
});

it.each(['', '\n', ' \n'])('refuses the empty secret file %j', (content) => {
  expect(messageOf({ DATABASE_URL: DATABASE, ENCRYPTION_KEYS_FILE: file(content) })).toMatch(
    /- ENCRYPTION_KEYS_FILE names an empty file: \//,
  );
});

it('does not print what is in a file that is not valid', () => {
  const message = messageOf({
    DATABASE_URL_FILE: file('postgres://hunter2hunter2@db'),
    ENCRYPTION_KEYS_FILE: file('hunter2'),
  });
  expect(message).toMatch(/DATABASE_URL must be mysql:/);
  expect(message).toMatch(/ENCRYPTION_KEYS key 1 must be written as/);
  expect(message).not.toContain('hunter2');
});
