import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder for its owner alone, with the folders above it. Node's own `recursive` never returns if a file system reports
 * that the parent it has does not exist, as /proc does.
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
