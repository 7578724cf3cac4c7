import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KeyRing } from '@score-crm/connections';

/**
 * The generated key of an installation without `ENCRYPTION_KEYS`: created once in the data directory, readable by its owner only.
 * @returns an entry in the format of `ENCRYPTION_KEYS`
 * @throws TypeError if it cannot be created or read, or is not a key
 */
export function generatedKey(dataDirectory: string): string {
  const path = join(dataDirectory, 'encryption.key');
  const key = withReason(`is not set, and ${path} cannot be created or read; set ENCRYPTION_KEYS or DATA_DIR`, () => {
    makeFolder(dataDirectory);
    writeOnce(path, `local:${randomBytes(32).toString('base64')}\n`);
    return readFileSync(path, 'utf8').trim();
  });
  withReason(`is not set, and ${path} does not contain a key; restore that file`, () => KeyRing.parse(key));
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

/**
 * Creates a folder that only its owner can access, with the folders above it. Node's own `recursive` never returns if a file
 * system reports that an existing parent does not exist, as /proc does.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Of two processes that start together, one creates it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
