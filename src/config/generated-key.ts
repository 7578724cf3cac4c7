import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The key of an installation that was given none: made once, kept in the data directory, readable by its owner alone.
 * @returns an entry as `ENCRYPTION_KEYS` takes it.
 */
export function generatedKey(dataDirectory: string): string {
  const path = join(dataDirectory, 'encryption.key');
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  try {
    // `wx`: of two processes that start at once, one writes and the other reads.
    writeFileSync(path, `local:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
