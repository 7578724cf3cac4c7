import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { packages } = read('package-lock.json');
const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

it('an install sends no telemetry through @scarf/scarf', () => {
  const entries = Object.entries(packages).filter(([path]) => nameOf(path) === '@scarf/scarf');
  // swagger-ui-dist depends on it; package.json puts an empty package in its place.
  assert.deepEqual(
    entries.map(([, { name }]) => name),
    ['empty-npm-package'],
  );
  const installed = read(`${entries[0][0]}/package.json`);
  assert.equal(installed.name, 'empty-npm-package');
});

it('package.json decides for every package whether its install script may run', () => {
  const { allowScripts } = read('package.json');
  const withScript = Object.entries(packages).flatMap(([path, { hasInstallScript }]) => {
    return hasInstallScript === true ? [nameOf(path)] : [];
  });
  assert.deepEqual(new Set(Object.keys(allowScripts)), new Set(withScript));
});
