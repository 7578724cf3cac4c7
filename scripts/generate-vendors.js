// Writes the references of tsconfig.json that depend on src/adapters.ts, so that adding a vendor changes nothing else by hand. With
// --check it writes nothing and fails if the file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const PATH = 'tsconfig.json';

const folders = new Map(
  readdirSync('libs')
    .filter((folder) => existsSync(`libs/${folder}/package.json`))
    .map((folder) => [readJson(`libs/${folder}/package.json`).name, folder]),
);
// Adapters from other repositories have no folder here, so nothing is generated for them.
const adapters = [...readFileSync('src/adapters.ts', 'utf8').matchAll(/^export .* from '([^']+)';$/gm)]
  .flatMap(([, name]) => folders.get(name) ?? [])
  .toSorted();

const current = readFileSync(PATH, 'utf8');
const kept = readJson(PATH).references.filter(({ path }) => !/^libs\/adapter-(?!kit$)/.test(path));
const made = adapters.map((folder) => ({ path: `libs/${folder}` }));
const references = [...kept, ...made].map((reference) => JSON.stringify(reference)).join(',\n');
const written = await format(current.replace(/"references": \[[^\]]*\]/, `"references": [${references}]`), {
  ...(await resolveConfig(PATH)),
  filepath: PATH,
});
if (written !== current) {
  if (process.argv.includes('--check')) {
    process.stderr.write(`${PATH} is out of date with src/adapters.ts. Run: npm run generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(PATH, written);
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
