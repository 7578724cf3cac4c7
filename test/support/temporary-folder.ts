import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * A new folder for what need not outlast a test: in memory where there is room. Databases wait for a disk with every commit, and
 * tens of thousands of small files are slow to make on one. All of them are in the one that `TEST_FOLDER` names.
 */
export function temporaryFolder(prefix: string): string {
  return mkdtempSync(join(process.env['TEST_FOLDER'] ?? (hasRoom(MEMORY) ? MEMORY : tmpdir()), prefix));
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return Math.min(bavail * bsize, freemem() / 2) > ROOM_BYTES;
  } catch {
    return false;
  }
}
