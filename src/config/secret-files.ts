import { readFileSync } from 'node:fs';

/** Variables that hold secrets. Each can be read from a file instead: `DATABASE_URL_FILE`. */
const SECRET_VARIABLES = [
  'AUTH_JWT_SECRET',
  'DATABASE_URL',
  'ENCRYPTION_KEYS',
  'EVENTS_AMQP_URL',
  'METRICS_TOKEN',
  'REDIS_URL',
] as const;

export interface SecretFiles {
  /** By variable, without the line break at the end of the file. */
  readonly values: ReadonlyMap<string, string>;
  /** Why a file could not be used, by variable. Contains no part of a file. */
  readonly faults: ReadonlyMap<string, string>;
}

export function readSecretFiles(environment: Readonly<Record<string, string | undefined>>): SecretFiles {
  const values = new Map<string, string>();
  const faults = new Map<string, string>();
  for (const name of SECRET_VARIABLES) {
    const path = environment[`${name}_FILE`]?.trim() ?? '';
    if (path === '') continue;
    try {
      if ((environment[name]?.trim() ?? '') !== '')
        throw new TypeError(`cannot be combined with ${name}; remove one of them`);
      values.set(name, readSecret(path));
    } catch (error) {
      faults.set(name, `${name}_FILE ${(error as Error).message}`);
    }
  }
  return { values, faults };
}

function readSecret(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TypeError(
      `names a file that cannot be read (${String((error as NodeJS.ErrnoException).code)}): ${path}`,
      { cause: error },
    );
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret.trim() === '') throw new TypeError(`names an empty file: ${path}`);
  return secret;
}
