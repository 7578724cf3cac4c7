import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parseDatabaseUrl } from '../src/config/urls.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const URL = 'mysql://root:hunter2@db.internal/score';
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

function folderWith(name: string, content: string): string {
  const path = join(temporaryFolder('database-url-'), name);
  writeFileSync(path, content);
  return path;
}

it.each([
  ['', undefined],
  ['?ssl-mode=DISABLED', undefined],
  ['?ssl-mode=REQUIRED', { rejectUnauthorized: false, verifyIdentity: false }],
  ['?sslmode=required', { rejectUnauthorized: false, verifyIdentity: false }],
  ['?ssl_mode=verify-ca', { rejectUnauthorized: true, verifyIdentity: false }],
  ['?SSL-MODE=Verify_Identity', { rejectUnauthorized: true, verifyIdentity: true }],
])('the parameters %j of a database URL mean %j', (query, expected) => {
  const location = parseDatabaseUrl(`${URL}${query}`);
  expect(location).toMatchObject({ host: 'db.internal', database: 'score', password: 'hunter2' });
  expect(location.kind === 'mysql' ? location.ssl : 'sqlite').toEqual(expected);
});

it.each(['', '&ssl-mode=REQUIRED', '&ssl-mode=VERIFY_CA'])(
  'an authority is always checked where one is given (%j)',
  (mode) => {
    const path = folderWith('ca.pem', PEM);
    expect(parseDatabaseUrl(`${URL}?ssl-ca=${encodeURIComponent(path)}${mode}`)).toMatchObject({
      ssl: { rejectUnauthorized: true, verifyIdentity: false, ca: PEM },
    });
  },
);

it.each([
  [`${URL}?ssl-mode=REQUIRED&charset=latin1`, /unknown parameter charset; the parameters are ssl-mode and ssl-ca/],
  [`${URL}?ssl=true`, /unknown parameter ssl;/],
  [`${URL}?ssl-mode=REQUIRED&sslmode=REQUIRED`, /parameter sslmode twice/],
  [`${URL}?ssl-mode=PREFERRED`, /unknown ssl-mode; use one of DISABLED, REQUIRED/],
  [`${URL}?ssl-mode=`, /unknown ssl-mode/],
  [`${URL}?ssl-mode=DISABLED&ssl-ca=/ca.pem`, /remove one of them/],
  [`${URL}?ssl-ca=/no/such/ca.pem`, /cannot be read \(ENOENT\): \/no\/such\/ca\.pem/],
  ['mysql://root:hunter2@127.0.0.1/score?ssl-mode=VERIFY_IDENTITY', /use the host name/],
  ['mysql://root:hunter2@[::1]/score?ssl-mode=VERIFY_IDENTITY', /use the host name/],
  [`${URL}?%21hunter2%21=x`, /has an unknown parameter;/],
  [`${URL}#hunter2`, /write # in a password as %23/],
  ['mysql://root:hunter2%zz@db/score', /percent-encoded/],
  ['mysql://root:hunter2@/score', /must be mysql:/],
  ['sqlite:data/x.sqlite?mode=ro', /sqlite: does not support/],
])('the database URL %j is refused without its password', (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(message);
  expect(() => parseDatabaseUrl(url)).not.toThrow(/hunter2/);
});

it('refuses an authority without a certificate', () => {
  const path = folderWith('ca.pem', 'nothing');
  expect(() => parseDatabaseUrl(`${URL}?ssl-ca=${path}`)).toThrow(/without a certificate in PEM form/);
});
