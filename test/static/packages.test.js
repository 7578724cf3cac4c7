import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import ts from 'typescript';

/** What npm would publish of each package. The packages have been built before. */
const published = readdirSync('libs')
  .filter((folder) => existsSync(join('libs', folder, 'package.json')))
  .map((folder) => ({ folder: join('libs', folder), manifest: readManifest(folder) }))
  .filter(({ manifest }) => manifest.private !== true);

function readManifest(folder) {
  return JSON.parse(readFileSync(join('libs', folder, 'package.json'), 'utf8'));
}

/** The packages and files that a module imports, with its types. */
function importsOf(file) {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => fileName);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The files that an entry loads. */
function loadedBy(entry, loaded = new Set()) {
  if (loaded.has(entry)) return loaded;
  loaded.add(entry);
  for (const specifier of importsOf(entry)) {
    if (specifier.startsWith('.')) loadedBy(join(dirname(entry), specifier), loaded);
  }
  return loaded;
}

describe('the published packages', () => {
  let files;

  before(() => {
    const workspaces = published.map(({ folder }) => `--workspace=${folder}`);
    const packed = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', ...workspaces], { encoding: 'utf8', maxBuffer: 1 << 28 }),
    );
    files = new Map(packed.map(({ name, files: list }) => [name, list.map(({ path }) => path)]));
  });

  it('include the module, the API, the kit and every vendor', () => {
    const names = new Set(published.map(({ manifest }) => manifest.name));
    for (const name of ['adapter-kit', 'adapter-smtp', 'connections', 'connections-http']) {
      assert.ok(names.has(`@score-crm/${name}`), name);
    }
  });

  for (const { folder, manifest } of published) {
    const { name, dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;

    it(`${name} contains its README, its license and all of its entries with their types, and nothing else`, () => {
      const paths = files.get(name);
      for (const path of ['README.md', 'LICENSE', 'package.json']) assert.ok(paths.includes(path), path);
      assert.equal(manifest.license, 'MIT');
      for (const [entry, { types, default: code }] of Object.entries(manifest.exports)) {
        for (const path of [types, code]) assert.ok(paths.includes(path.replace('./', '')), `${entry}: ${path}`);
      }
      const others = paths.filter(
        (path) => !/^(README\.md|LICENSE|package\.json|dist\/.+\.(js|d\.ts)(\.map)?)$/.test(path),
      );
      assert.deepEqual(others, []);
    });

    it(`${name} declares every package that it imports, and requires no optional one`, () => {
      const optional = Object.keys(peerDependenciesMeta).filter((peer) => peerDependenciesMeta[peer].optional === true);
      const required = Object.keys({ ...dependencies, ...peerDependencies }).filter((peer) => !optional.includes(peer));
      const undeclared = (paths, declared) =>
        paths.flatMap((path) =>
          importsOf(path)
            .filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier))
            .map(packageOf)
            .filter((imported) => imported !== name && !declared.includes(imported))
            .map((imported) => `${path} imports ${imported}`),
        );
      const code = files
        .get(name)
        .filter((path) => /\.(js|d\.ts)$/.test(path))
        .map((path) => join(folder, path));
      assert.deepEqual(undeclared(code, [...required, ...optional]), []);
      // The other entries are for those who have it.
      assert.deepEqual(undeclared([...loadedBy(join(folder, manifest.main))], required), []);
    });
  }
});
