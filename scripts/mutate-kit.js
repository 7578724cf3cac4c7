// Breaks the kit's layer for API vendors in many ways, and fails if the tests do not notice: `npm run mutations`.
// An argument selects the files whose path contains it: `npm run mutations -- map-event`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutations-of-kit.js';

/** Runs if the kit's own specs do not notice: all that a vendor's adapter does. */
const VENDOR = 'libs/adapter-smtpcom/test';

const root = fileURLToPath(new URL('../', import.meta.url));
const [selected = ''] = process.argv.slice(2);
const survivors = [];

for (const mutation of MUTATIONS.filter(({ file }) => file.includes(selected))) {
  const { file, why } = mutation;
  const noticed = withMutation(mutation, () =>
    [...mutation.specs.map((name) => `libs/adapter-kit/test/${name}.spec.ts`), VENDOR].find((spec) => !passes(spec)),
  );
  print(`${noticed === undefined ? 'SURVIVED' : `noticed by ${noticed}`}: ${file}: ${why}`);
  if (noticed === undefined) survivors.push(mutation);
}
print(`${survivors.length} survived.`);
process.exitCode = survivors.length === 0 ? 0 : 1;

/** Runs `work` while one place of a file is replaced. The file is restored in any case, also after Ctrl+C. */
function withMutation({ file, find, replace }, work) {
  const path = root + file;
  const original = readFileSync(path, 'utf8');
  if (original.split(find).length !== 2) throw new Error(`${file} must contain this exactly once: ${find}`);
  const restore = () => writeFileSync(path, original);
  process.once('exit', restore);
  try {
    writeFileSync(
      path,
      original.replace(find, () => replace),
    );
    return work();
  } finally {
    restore();
    process.removeListener('exit', restore);
  }
}

function passes(spec) {
  const { status, signal } = spawnSync('npm', ['run', '--silent', 'jest', '--', '--bail', '--silent', spec], {
    cwd: root,
    stdio: 'ignore',
  });
  if (signal !== null) process.exit(1);
  return status === 0;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
