import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

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
