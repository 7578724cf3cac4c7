import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeyRing } from '@score-crm/connections';
import { makeFolder } from './make-folder.ts';

/**
 * The key of an installation that was given none: made once, kept in the data directory, readable by its owner alone.
 * @returns an entry as `ENCRYPTION_KEYS` takes it.
 * @throws TypeError if it cannot be made or read, or is not a key
 */
export function generatedKey(dataDirectory: string): string {
  const path = join(dataDirectory, 'encryption.key');
  const key = withReason(`is missing, and ${path} cannot be made and read; set ENCRYPTION_KEYS or DATA_DIR`, () => {
    makeFolder(dataDirectory);
    writeOnce(path, `local:${randomBytes(32).toString('base64')}\n`);
    return readFileSync(path, 'utf8').trim();
  });
  withReason(`is missing, and ${path} does not hold a key; restore that file`, () => KeyRing.parse(key));
  return key;
}

/** The file has its whole content from the first moment, also when two processes start together or the disk is full. */
function writeOnce(path: string, content: string): void {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    // On disk before anything is encrypted with it.
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function withReason<T>(reason: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = 'not valid' } = error as NodeJS.ErrnoException;
    throw new TypeError(`${reason} (${code})`, { cause: error });
  }
}
