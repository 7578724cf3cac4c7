import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from './median.ts';
import { output, ROOT } from './process.ts';

const PACKAGES = [
  '@nestjs/core',
  'fastify',
  'typeorm',
  'mysql2',
  'better-sqlite3',
  'nodemailer',
  '@sendgrid/eventwebhook',
  'undici',
];
const WRITES = 200;
const WRITE_BYTES = 4_096;

/** What the results depend on besides the code, each as a line. */
export async function environmentOf(folder: string): Promise<string[]> {
  const model = cpus()[0]?.model ?? 'unknown';
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const mariadb = (await output('/usr/sbin/mariadbd', ['--version'])).replace(/^.*Ver /, '').trim();
  const packages = PACKAGES.map((name) => `${name} ${installedVersion(name)}`);
  return [
    `Machine: ${String(cpus().length)} cores (${model.trim()}), ${memory} GiB of memory, Linux ${release()}, ${fsyncTime(folder)} ms for an fsync of 4 KiB`,
    `Versions: Node ${process.versions.node}, MariaDB ${mariadb}, ${packages.join(', ')}`,
    `Commit: ${await commit()}`,
  ];
}

function installedVersion(name: string): string {
  // Development may have another version of what an adapter uses.
  const folders = ['libs/adapter-smtp/node_modules', 'node_modules'].map((folder) => join(ROOT, folder, name));
  const file = join(folders.find((folder) => existsSync(folder)) ?? '', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The median, in milliseconds: each commit waits for at least one. */
function fsyncTime(folder: string): string {
  const file = join(folder, 'fsync');
  const descriptor = openSync(file, 'w');
  const times = Array.from({ length: WRITES }, (_, index) => {
    const start = performance.now();
    writeSync(descriptor, Buffer.alloc(WRITE_BYTES, index), 0, WRITE_BYTES, 0);
    fsyncSync(descriptor);
    return performance.now() - start;
  });
  closeSync(descriptor);
  rmSync(file);
  return median(times).toFixed(2);
}

async function commit(): Promise<string> {
  const git = (...args: string[]): Promise<string> => output('git', ['-C', ROOT, ...args]).catch(() => 'unknown');
  const changes = (await git('status', '--porcelain')) === '' ? '' : ', with uncommitted changes';
  return `${(await git('rev-parse', '--short', 'HEAD')).trim()}${changes}`;
}
