import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../src/config/environment.ts';
import { SmallDisk } from './support/small-disk.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

function keyIn(folder: string): string {
  return readConfiguration({ DATA_DIR: folder }).encryptionKeys;
}

describe('the key of an installation that was given none', () => {
  it('is made once, in a folder that need not exist, and leaves no other file', () => {
    const folder = join(temporaryFolder('key-'), 'a', 'b');
    const key = keyIn(folder);
    expect(key).toMatch(/^local:[A-Za-z0-9+/]{43}=$/);
    expect(keyIn(folder)).toBe(key);
    expect(readdirSync(folder)).toEqual(['encryption.key']);
  });

  it.each(['', 'local:dG9vIHNob3J0', 'nonsense'])(
    'is not replaced where the file holds %j: the error names the file',
    (content) => {
      const folder = temporaryFolder('key-');
      const path = join(folder, 'encryption.key');
      writeFileSync(path, content);
      expect(() => keyIn(folder)).toThrow(`${path} does not contain a key`);
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );

  it('is an error where no folder can be made', () => {
    const file = join(temporaryFolder('key-'), 'file');
    writeFileSync(file, '');
    expect(() => keyIn(join(file, 'data'))).toThrow(
      /cannot be created or read; set ENCRYPTION_KEYS or DATA_DIR \(ENOTDIR\)/,
    );
    // Here Node's own recursive mkdir never returns.
    if (process.platform === 'linux')
      expect(() => keyIn('/proc/no/such/folder')).toThrow(/cannot be created.*\(ENOENT\)/);
  });

  it('is made after a disk that was full is free again', () => {
    const disk = SmallDisk.mount(1);
    if (disk === undefined) return;
    disk.fill();
    expect(() => keyIn(disk.folder)).toThrow(/cannot be created.*\(ENOSPC\)/);
    disk.free();
    expect(keyIn(disk.folder)).toMatch(/^local:/);
    disk.unmount();
  });
});
