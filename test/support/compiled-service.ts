import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const PROGRAMS = { main: 'dist/main.js', cli: 'dist/cli/main.js' };
/** They contain machine code, read files beside their own, or must run before everything else. */
const NOT_BUNDLED = new Set(['better-sqlite3', 'pino', 'reflect-metadata', 'swagger-ui-dist']);
const LOADER = 'test/support/compiled-loader.cjs';
/** The last statement of both programs. CommonJS modules cannot await. */
const LAST_STATEMENT = /\ntry \{\n {4}await [^]*$/;

/**
 * Bundles the built service and its command line with their dependencies, and keeps what V8 compiles for a start, so that a
 * process starts in about half of the time. Does nothing if the service is not built, or has not changed since the last time.
 * @returns the folder of `main.cjs` and `cli.cjs`
 */
export async function compileService(): Promise<string> {
  const root = resolve('node_modules/.cache/compiled-service');
  const folder = join(root, await version());
  if (!existsSync(PROGRAMS.main) || existsSync(folder)) return folder;
  mkdirSync(root, { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  await bundle(join(unfinished, 'bundle'));
  for (const program of Object.keys(PROGRAMS)) copyFileSync(LOADER, join(unfinished, `${program}.cjs`));
  await keepCompiled(unfinished);
  // Another run may have finished the same first, or may be writing it.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  for (const other of readdirSync(root))
    if (!other.startsWith(basename(folder))) rmSync(join(root, other), { recursive: true, force: true });
  return folder;
}

/** Of everything that is bundled or that compiles it. */
async function version(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const file of [LOADER, 'test/support/compiled-service.ts', 'node_modules/.package-lock.json'])
    hash.update(readFileSync(file));
  for (const folder of ['.', ...readdirSync('libs').map((name) => join('libs', name))]) {
    const dist = join(folder, 'dist');
    if (!existsSync(dist)) continue;
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!file.endsWith('.js')) continue;
      const { size, mtimeMs } = statSync(join(dist, file));
      hash.update(`${join(dist, file)} ${String(size)} ${String(mtimeMs)}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function bundle(folder: string): Promise<void> {
  const programs = new Set(Object.values(PROGRAMS).map((file) => resolve(file)));
  const build = await rolldown({
    input: PROGRAMS,
    platform: 'node',
    external: (id) => NOT_BUNDLED.has(id),
    plugins: [
      {
        name: 'without-top-level-await',
        transform: (code, id) => {
          if (!programs.has(id)) return undefined;
          if (!LAST_STATEMENT.test(code)) throw new Error(`${id} does not end with its only await.`);
          return code.replace(LAST_STATEMENT, (statement) => `\nvoid (async () => {${statement}\n})();`);
        },
      },
    ],
    logLevel: 'silent',
  });
  await build.write({
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // Migrations and entities are known by the names of their classes.
    keepNames: true,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await build.close();
  for (const name of readdirSync(folder)) {
    const code = readFileSync(join(folder, name), 'utf8').replace(/^#!.*/, '');
    // One byte a character is half as much to read.
    const escaped = code.replaceAll(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
    writeFileSync(join(folder, name), escaped);
  }
}

/** Runs both programs once. The loader keeps what they needed. */
async function keepCompiled(folder: string): Promise<void> {
  const environment = {
    KEEP_COMPILED: '1',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    HOST: '127.0.0.1',
    PORT: '0',
  };
  const run = async (program: string, args: readonly string[], untilOutput?: string): Promise<void> => {
    const DATABASE_URL = `sqlite:${join(folder, `${program}.sqlite`)}`;
    const child = spawn(process.execPath, [join(folder, `${program}.cjs`), ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment, DATABASE_URL },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (untilOutput !== undefined && output.includes(untilOutput)) child.kill('SIGTERM');
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${output}`);
  };
  await Promise.all([run('main', [], 'The service is ready.'), run('cli', ['migrations', 'run'])]);
}
