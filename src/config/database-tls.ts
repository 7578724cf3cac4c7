import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** The `ssl` option of mysql2. */
export interface DatabaseTls {
  /** Whether the certificate must come from a trusted authority. */
  readonly rejectUnauthorized: boolean;
  /** Whether the certificate must name the host. */
  readonly verifyIdentity: boolean;
  /** The authorities that are trusted, PEM; those of Node by default. */
  readonly ca?: string;
}

const MODES = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const;
type Mode = (typeof MODES)[number];

const PLAIN_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,40}$/;
const KNOWN = 'the parameters are ssl-mode and ssl-ca';

/**
 * Reads `ssl-mode` and `ssl-ca`, in the spellings that MySQL's own clients and common drivers accept (`sslmode`, `ssl_ca`, …).
 * @returns undefined if the connection is not encrypted
 * @throws TypeError that describes the expected form
 */
export function readDatabaseTls(parameters: URLSearchParams, host: string): DatabaseTls | undefined {
  const given = new Map<string, string>();
  for (const [name, value] of parameters) {
    const known = name.toLowerCase().replace(/[-_]/g, '');
    if (known !== 'sslmode' && known !== 'sslca') {
      // It may be part of a password that contains a question mark.
      const shown = PLAIN_NAME.test(name) ? `the unknown parameter ${name}` : 'an unknown parameter';
      throw new TypeError(`has ${shown}; ${KNOWN}`);
    }
    if (given.has(known)) throw new TypeError(`has the parameter ${name} twice; remove one of them`);
    given.set(known, value);
  }
  const path = given.get('sslca');
  const mode = readMode(given.get('sslmode'), path !== undefined);
  if (mode === 'DISABLED') {
    if (path !== undefined) throw new TypeError('has ssl-ca but ssl-mode is DISABLED; remove one of them');
    return undefined;
  }
  // mysql2 would compare the certificate with `localhost`.
  if (mode === 'VERIFY_IDENTITY' && isIP(host) !== 0) {
    throw new TypeError('has ssl-mode=VERIFY_IDENTITY with an IP address; use the host name in the certificate');
  }
  return {
    // As in MySQL's clients, a given authority is also checked with ssl-mode=REQUIRED.
    rejectUnauthorized: mode !== 'REQUIRED' || path !== undefined,
    verifyIdentity: mode === 'VERIFY_IDENTITY',
    ...(path === undefined ? {} : { ca: readAuthorities(path) }),
  };
}

function readMode(text: string | undefined, hasAuthorities: boolean): Mode {
  if (text === undefined) return hasAuthorities ? 'VERIFY_CA' : 'DISABLED';
  const mode = MODES.find((known) => known === text.toUpperCase().replaceAll('-', '_'));
  if (mode === undefined) throw new TypeError(`has an unknown ssl-mode; use one of ${MODES.join(', ')}`);
  return mode;
}

function readAuthorities(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TypeError(
      `has an ssl-ca that cannot be read (${String((error as NodeJS.ErrnoException).code)}): ${path}`,
      { cause: error },
    );
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new TypeError(`has an ssl-ca without a certificate in PEM form: ${path}`);
  }
  return text;
}
