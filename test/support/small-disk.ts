import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

const BLOCK = Buffer.alloc(4096);

/** A file system of a few MiB, which a test can fill up and free again. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Undefined where nothing may be mounted. */
  static mount(megabytes: number): SmallDisk | undefined {
    const folder = temporaryFolder('disk-');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', folder], { stdio: 'ignore' });
      return new SmallDisk(folder);
    } catch {
      return undefined;
    }
  }

  /** Takes all room but some. */
  fill(leftBytes = 0): void {
    const { bavail, bsize } = statfsSync(this.folder);
    const blocks = Math.max(0, Math.floor((bavail * bsize - leftBytes) / BLOCK.length));
    writeFileSync(join(this.folder, 'ballast'), Buffer.alloc(blocks * BLOCK.length));
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  unmount(): void {
    execFileSync('umount', [this.folder]);
  }
}
