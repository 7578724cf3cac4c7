// Writes what depends on src/adapters.ts, so that adding a vendor changes nothing else by hand: the references of tsconfig.json
// and the projects of nest-cli.json. With --check it writes nothing and fails if a file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const folders = new Map(
  readdirSync('libs')
    .filter((folder) => existsSync(`libs/${folder}/package.json`))
    .map((folder) => [readJson(`libs/${folder}/package.json`).name, folder]),
);
// Adapters from other repositories have no folder here, so nothing is generated for them.
const adapters = [...readFileSync('src/adapters.ts', 'utf8').matchAll(/^export .* from '([^']+)';$/gm)]
  .flatMap(([, name]) => folders.get(name) ?? [])
  .toSorted();

const isVendor = (folder) => /^adapter-(?!kit$)/.test(folder);
const files = { 'tsconfig.json': withReferences, 'nest-cli.json': withProjects };
for (const [path, change] of Object.entries(files)) {
  const current = readFileSync(path, 'utf8');
  const written = await format(change(current), { ...(await resolveConfig(path)), filepath: path });
  if (written === current) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${path} is out of date with src/adapters.ts. Run: npm run generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, written);
  }
}

/** Replaces the references to vendors. Others, and the rest of the file with its comments, stay. */
function withReferences(text) {
  const kept = JSON.parse(text).references.filter(({ path }) => !isVendor(path.replace('libs/', '')));
  const made = adapters.map((folder) => ({ path: `libs/${folder}` }));
  const references = [...kept, ...made].map((reference) => JSON.stringify(reference)).join(',\n');
  return text.replace(/"references": \[[^\]]*\]/, `"references": [${references}]`);
}

/** Replaces the projects of vendors. They follow the libraries, and precede the service, which uses them all. */
function withProjects(text) {
  const configuration = JSON.parse(text);
  const others = Object.entries(configuration.projects).filter(([folder]) => !isVendor(folder));
  const libraries = others.filter(([, { type }]) => type === 'library');
  const applications = others.filter(([, { type }]) => type !== 'library');
  const vendors = adapters.map((folder) => {
    const root = `libs/${folder}`;
    const compilerOptions = { tsConfigPath: `${root}/tsconfig.json` };
    return [folder, { type: 'library', root, sourceRoot: `${root}/src`, entryFile: 'index', compilerOptions }];
  });
  const projects = Object.fromEntries([...libraries, ...vendors, ...applications]);
  return JSON.stringify({ ...configuration, projects }, undefined, 2);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
