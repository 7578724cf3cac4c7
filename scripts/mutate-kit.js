// Breaks the kit's layer for API vendors in many ways, and fails if the tests do not notice: `npm run mutations`.
// Arguments select parts: `npm run mutations -- mapEvent FormBody`. With --check, it only checks that the code to replace exists.
// No file is changed: the replacements are made while Jest loads the file (mutating-transform.js).
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { PARTS } from './mutations-of-kit.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KIT = 'libs/adapter-kit';
/** Runs if the kit's own specs do not notice: all that a vendor's adapter does. */
const VENDOR = 'libs/adapter-smtpcom/test/.*';
const MIN_PER_PART = 3;
/** A mutation can make a test wait for something that never happens. */
const TEST_TIMEOUT_MS = 10_000;

/**
 * @typedef {object} Mutation
 * @property {string} part
 * @property {string} why
 * @property {string} file the absolute path
 * @property {string} find
 * @property {string} replace
 * @property {readonly string[]} specs patterns of the paths of the kit's specs
 */

/** @typedef {{ failed: string[], passed: number, paths: string[], broken: string[] }} Outcome `broken` files did not load. */

const children = new Set();
let runs = 0;
const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    for (const child of children) child.kill();
    process.exit(code);
  });
}

const isCheck = process.argv.includes('--check');
const selected = process.argv.slice(2).filter((argument) => argument !== '--check');
const mutations = locate(Object.entries(PARTS).filter(([part]) => selected.length === 0 || selected.includes(part)));
if (isCheck) process.exit();
const jestConfig = await import('../jest.config.js');
compile(mutations);
await assertGreen([...new Set(mutations.flatMap(({ specs }) => specs))]);
const survivors = [];
const invalid = [];
await inParallel(mutations, async (mutation) => {
  const { part, why, specs } = mutation;
  const verdict = verdictOf(await runJest(specs, mutation));
  if (verdict === 'survived') survivors.push(mutation);
  if (verdict.startsWith('invalid')) invalid.push(mutation);
  print(`${part}: ${why}: ${verdict}`);
});
const unnoticed = await withoutVendors(survivors);
print(
  `${mutations.length} mutations: ${mutations.length - survivors.length - invalid.length} noticed by the kit's specs, ` +
    `${survivors.length - unnoticed.length} by the vendor's only, ${unnoticed.length} survived, ${invalid.length} invalid.`,
);
process.exitCode = unnoticed.length + invalid.length === 0 ? 0 : 1;

/** Finds the file of each replacement: each text to replace occurs exactly once in the kit's sources. */
function locate(parts) {
  const sources = new Map(sourcePaths().map((path) => [path, read(path)]));
  const found = parts.flatMap(([part, { specs, replacements }]) => {
    if (replacements.length < MIN_PER_PART) throw new Error(`${part} needs ${MIN_PER_PART} mutations or more.`);
    const patterns = specs.map((name) => `${KIT}/test/(.*/)?${name}\\.spec\\.ts$`);
    return replacements.map(([find, replace, why]) => {
      const paths = [...sources].flatMap(([path, text]) =>
        text
          .split(find)
          .slice(1)
          .map(() => path),
      );
      if (paths.length !== 1) {
        const where = paths.length === 0 ? 'nowhere' : `in ${paths.join(', ')}`;
        throw new Error(`${part}: ${why}: this must occur exactly once in ${KIT}/src, but occurs ${where}: ${find}`);
      }
      return { part, why, file: join(ROOT, paths[0]), find, replace, specs: patterns };
    });
  });
  if (found.length === 0) throw new Error(`Unknown part. The parts are: ${Object.keys(PARTS).join(', ')}.`);
  return found;
}

/** Rejects mutations that the compiler notices: they show nothing about the tests. */
function compile(all) {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(ROOT, KIT, 'tsconfig.json'),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: ({ messageText }) => fail(messageText) },
  );
  /** @type {Mutation | undefined} */
  let current;
  let version = 0;
  const service = ts.createLanguageService({
    ...ts.sys,
    getCompilationSettings: () => config.options,
    getScriptFileNames: () => config.fileNames,
    getScriptVersion: (path) => (path === current?.file ? String(version) : 'original'),
    getScriptSnapshot: (path) => {
      const text = ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(replaced(text, path, current));
    },
    getCurrentDirectory: () => ROOT,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  const problems = all.flatMap((mutation) => {
    current = mutation;
    version += 1;
    return [...service.getSyntacticDiagnostics(mutation.file), ...service.getSemanticDiagnostics(mutation.file)].map(
      ({ messageText }) => `${mutation.part}: ${mutation.why}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  if (problems.length > 0) throw new Error(`These mutations do not compile:\n${problems.join('\n')}`);
}

function replaced(text, path, mutation) {
  return path === mutation?.file ? text.replace(mutation.find, () => mutation.replace) : text;
}

/** Fails unless the tests pass without any mutation, and each spec exists. */
async function assertGreen(patterns) {
  const { failed, broken, paths } = await runJest(patterns);
  const red = [...broken, ...failed];
  if (red.length > 0) throw new Error(`The tests must pass without any mutation. These fail:\n${red.join('\n')}`);
  const missing = patterns.filter((pattern) => !paths.some((path) => new RegExp(pattern).test(path)));
  if (missing.length > 0) throw new Error(`These specs do not exist: ${missing.join(', ')}`);
}

/** A mutation that lets no test pass, or lets a file not load, shows nothing about what the tests check. */
function verdictOf({ failed, passed, broken }) {
  if (broken.length > 0) return `invalid, because these do not load: ${broken.join(', ')}`;
  if (failed.length === 0) return 'survived';
  return passed === 0 ? 'invalid, because every test fails' : `noticed by “${failed[0]}” and ${failed.length - 1} more`;
}

/** Returns the mutations that the tests of the vendor do not notice either. */
async function withoutVendors(all) {
  if (all.length === 0) return [];
  await assertGreen([VENDOR]);
  const left = [];
  await inParallel(all, async (mutation) => {
    const verdict = verdictOf(await runJest([VENDOR], mutation));
    print(`${mutation.part}: ${mutation.why}: in ${VENDOR}: ${verdict}`);
    if (!verdict.startsWith('noticed')) left.push(mutation);
  });
  return left;
}

/** @returns {Promise<Outcome>} of the files whose paths match */
async function runJest(patterns, mutation) {
  const output = join(folder, `${runs++}.json`);
  // The specs of the kit and of vendors need no database, which the global setup would start.
  const { globalSetup: _setup, globalTeardown: _teardown, ...config } = jestConfig.default;
  const transform = Object.fromEntries(
    Object.entries(config.transform).map(([files, [, options]]) => [
      files,
      ['<rootDir>/scripts/mutating-transform.js', options],
    ]),
  );
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      `--config=${JSON.stringify({ ...config, rootDir: ROOT, roots: ['<rootDir>/libs'], transform, reporters: [] })}`,
      '--runInBand',
      '--json',
      `--outputFile=${output}`,
      `--testTimeout=${TEST_TIMEOUT_MS}`,
      ...patterns.map((pattern) => `--testPathPatterns=${pattern}`),
    ],
    { cwd: ROOT, stdio: 'ignore', env: { ...process.env, MUTATION: JSON.stringify(mutation ?? {}) } },
  );
  children.add(child);
  await new Promise((resolve) => child.once('close', resolve));
  children.delete(child);
  return outcomeIn(output);
}

function outcomeIn(output) {
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return {
    failed: tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    passed: tests.filter(({ status }) => status === 'passed').length,
    paths: testResults.map(({ name }) => name),
    broken: testResults.filter(({ assertionResults }) => assertionResults.length === 0).map(({ name }) => name),
  };
}

async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

function sourcePaths() {
  const names = readdirSync(join(ROOT, KIT, 'src'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${KIT}/src/${name}`);
}

function read(path) {
  return readFileSync(join(ROOT, path), 'utf8');
}

function fail(message) {
  throw new Error(ts.flattenDiagnosticMessageText(message, ' '));
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
