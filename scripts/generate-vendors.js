// Generates the files that depend on src/adapters.ts, so that adding a vendor changes nothing else by hand. With --check it
// writes nothing and fails if a file is out of date.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';

const KIT = '@score-crm/adapter-kit';

const packages = new Map(
  readdirSync('libs')
    .filter((folder) => existsSync(`libs/${folder}/package.json`))
    .map((folder) => {
      const { name, version, exports } = readJson(`libs/${folder}/package.json`);
      return [name, { name, version, folder, hasSandbox: exports?.['./sandbox'] !== undefined }];
    }),
);
// Adapters from other repositories have no folder here, so nothing is generated for them.
const adapters = [...readFileSync('src/adapters.ts', 'utf8').matchAll(/^export .* from '([^']+)';$/gm)]
  .flatMap(([, name]) => packages.get(name) ?? [])
  .sort((a, b) => (a.name < b.name ? -1 : 1));
const sandboxes = adapters.filter(({ hasSandbox }) => hasSandbox);

const files = {
  'libs/sandbox/src/vendors.ts': `
    // Generated from src/adapters.ts by \`npm run generate\`. Do not edit.
    import type { StartSandbox } from '${KIT}/sandbox';
    ${sandboxes.map((adapter) => `import { startSandbox as ${constant(adapter)} } from '${adapter.name}/sandbox';`).join('\n')}

    /** How the sandbox of each vendor is started. */
    export const STARTERS: readonly StartSandbox[] = [${sandboxes.map(constant).join(', ')}];
  `,
  'tsconfig.json': withReferences('tsconfig.json', 'libs/', adapters),
  'libs/sandbox/tsconfig.json': withReferences('libs/sandbox/tsconfig.json', '../', sandboxes),
  'libs/sandbox/package.json': withDependencies('libs/sandbox/package.json', sandboxes),
};

const isCheck = process.argv.includes('--check');
for (const [path, content] of Object.entries(files)) {
  const written = await format(content, { ...(await resolveConfig(path)), filepath: path });
  if (existsSync(path) && readFileSync(path, 'utf8') === written) continue;
  if (!isCheck) {
    writeFileSync(path, written);
    continue;
  }
  process.stderr.write(`${path} is out of date with src/adapters.ts. Run: npm run generate\n`);
  process.exitCode = 1;
}

/** The name of an adapter's starter: \`smtp\` for \`@score-crm/adapter-smtp\`. */
function constant({ folder }) {
  return folder.replace(/^adapter-/, '').replace(/-(\w)/g, (_dash, letter) => letter.toUpperCase());
}

/** Replaces the references to adapters. Other references and the rest of the file stay. */
function withReferences(path, root, those) {
  const kept = readJson(path).references.filter((reference) => !isAdapter(reference.path.slice(root.length)));
  const made = those.map(({ folder }) => ({ path: `${root}${folder}` }));
  const references = [...kept, ...made].map((reference) => JSON.stringify(reference));
  return readFileSync(path, 'utf8').replace(/"references": \[[^\]]*\]/, `"references": [${references.join(',\n')}]`);
}

function withDependencies(path, those) {
  const kept = Object.entries(readJson(path).dependencies).filter(
    ([name]) => !isAdapter(packages.get(name)?.folder ?? ''),
  );
  const made = those.map(({ name, version }) => [name, `^${version}`]);
  const dependencies = JSON.stringify(Object.fromEntries([...kept, ...made]), undefined, 2);
  return readFileSync(path, 'utf8').replace(/"dependencies": \{[^}]*\}/, `"dependencies": ${dependencies}`);
}

function isAdapter(folder) {
  return folder.startsWith('adapter-') && folder !== 'adapter-kit';
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
