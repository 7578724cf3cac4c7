import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import vm from 'node:vm';

/**
 * Dependencies that consist of many small files. Jest loads each file of a dependency again for each test file, which takes
 * longer than most tests. As one bundle, they load in a fraction of that time. They share their code, so that a class that
 * several of them use is one class. A dependency that loads another with `createRequire` while it runs cannot load one of these:
 * Jest does not require ES modules. Of those listed, only the mapped types of `@nestjs/swagger` do, which the service does not use.
 */
const BUNDLED = [
  '@fastify/cookie',
  '@fastify/helmet',
  '@fastify/static',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@nestjs/testing',
  '@nestjs/typeorm',
  '@opentelemetry/api',
  '@sendgrid/mail',
  'class-transformer',
  'class-validator',
  'commander',
  'fast-check',
  'fastify',
  'ioredis',
  'jose',
  'lossless-json',
  'lru-cache',
  'mysql2',
  'mysql2/promise',
  'prom-client',
  'rate-limiter-flexible',
  'rxjs',
  'typeorm',
  'undici',
  'uuid',
];
/** They contain machine code, read files beside their own, or must run before everything else. */
const NOT_BUNDLED = new Set(['better-sqlite3', 'pino', 'reflect-metadata', 'swagger-ui-dist']);

/** Bundles the dependencies if other packages are installed than the last time. Returns Jest's `moduleNameMapper`. */
export async function bundledDependencies(root) {
  const version = createHash('sha256')
    // The version and the flags of V8.
    .update(String(cachedDataVersionTag()))
    .update(readFileSync(new URL(import.meta.url)))
    // npm lists in it what it has installed; package-lock.json lists what it should install.
    .update(readFileSync(join(root, 'node_modules/.package-lock.json')))
    .digest('hex')
    .slice(0, 16);
  const folder = join(root, 'node_modules/.cache/bundled-dependencies', version);
  if (!existsSync(folder)) await bundle(folder);
  return Object.fromEntries(BUNDLED.map((name) => [`^${name}$`, join(folder, fileOf(name))]));
}

/** The end of the name of the file beside a bundle that contains it compiled. */
export const CODE_CACHE = '.code-cache';
/** Outside of the text that TypeORM compiles. Compiled modules cannot import anything while they run. */
export const DYNAMIC_IMPORT = /\bimport\((?!filePath\))/;

async function bundle(folder) {
  const entries = new Map();
  for (const name of BUNDLED) {
    const names = Object.keys(await import(name)).filter((one) => one !== 'module.exports');
    entries.set(`entry:${name}`, `export { ${names.join(', ')} } from '${name}';`);
  }
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: Object.fromEntries(BUNDLED.map((name) => [fileOf(name).replace(/\.mjs$/, ''), `entry:${name}`])),
    platform: 'node',
    external: (id) => NOT_BUNDLED.has(id),
    plugins: [
      {
        name: 'entries',
        resolveId: (id) => (entries.has(id) ? id : undefined),
        load: (id) => entries.get(id),
      },
      {
        name: 'compiled-once',
        // V8 compiles a function in parentheses together with the file, but an arrow function only when it is called.
        renderChunk: (code) =>
          code.replaceAll(/__commonJSMin\(\(\(([\w$, ]*)\) => \{/g, '__commonJSMin((function ($1) {'),
      },
    ],
    treeshake: false,
    logLevel: 'silent',
  });
  const unfinished = `${folder}.${process.pid}`;
  await build.write({
    dir: unfinished,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    // Decorators need it when a file loads, and files that share code no longer load in the order of their imports.
    banner: "import 'reflect-metadata';",
    // Every test file reads and compiles it again.
    keepNames: true,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await build.close();
  for (const name of readdirSync(unfinished)) {
    // One byte a character is half as much to decode, to keep and to scan.
    const code = readFileSync(join(unfinished, name), 'utf8').replaceAll(
      /[^\0-\x7f]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    writeFileSync(join(unfinished, name), code);
    if (DYNAMIC_IMPORT.test(code)) continue;
    // Stack traces show the identifier.
    const module = new vm.SourceTextModule(code, { identifier: join(folder, name), context: vm.createContext() });
    writeFileSync(join(unfinished, `${name}${CODE_CACHE}`), module.createCachedData());
  }
  // Another run may have finished the same bundle first, or may be writing it.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  for (const other of readdirSync(dirname(folder)))
    if (!other.startsWith(basename(folder))) rmSync(join(dirname(folder), other), { recursive: true, force: true });
}

function fileOf(name) {
  return `${name.replace('@', '').replaceAll('/', '-')}.mjs`;
}
