import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

interface LockedPackage {
  readonly name?: string;
  readonly hasInstallScript?: boolean;
}

const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, LockedPackage> };
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

it('an install sends no telemetry through @scarf/scarf', () => {
  const entries = Object.entries(packages).filter(([path]) => nameOf(path) === '@scarf/scarf');
  // swagger-ui-dist depends on it; package.json puts an empty package in its place.
  expect(entries.map(([, { name }]) => name)).toEqual(['empty-npm-package']);
  const installed = read(`${String(entries[0]?.[0])}/package.json`) as LockedPackage;
  expect(installed.name).toBe('empty-npm-package');
});

it('package.json decides for every package whether its install script may run', () => {
  const { allowScripts } = read('package.json') as { allowScripts: Record<string, boolean> };
  const withScript = Object.entries(packages).flatMap(([path, { hasInstallScript }]) => {
    return hasInstallScript === true ? [nameOf(path)] : [];
  });
  expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set(withScript)].toSorted());
});
