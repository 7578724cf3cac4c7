import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Installs the built service in a new folder, with the bundled dependencies of the tests in its `node_modules`, so that it
 * starts in less than half of the time. Does nothing if the service is not built.
 * @param bundles the file of each import
 */
export function installService(folder: string, bundles: ReadonlyMap<string, string>): void {
  if (!existsSync('dist/main.js')) return;
  const modules = join(folder, 'node_modules');
  const dependencies = new Set(copyPackage('.', folder));
  for (const name of readdirSync('libs')) {
    const target = join(modules, '@score-crm', name);
    // Only its files are served.
    if (name === 'console') link('libs/console', target);
    else for (const dependency of copyPackage(join('libs', name), target)) dependencies.add(dependency);
  }
  for (const name of dependencies) {
    const target = join(modules, name);
    const entries = [...bundles].filter(([entry]) => entry === name || entry.startsWith(`${name}/`));
    if (entries.length > 0) installBundles(name, entries, target);
    else if (existsSync(join('node_modules', name))) link(join('node_modules', name), target);
  }
}

/** Copies what a package publishes. @returns the names of its dependencies */
function copyPackage(from: string, to: string): string[] {
  cpSync(join(from, 'dist'), join(to, 'dist'), {
    recursive: true,
    filter: (path) => !/\.(?:d\.ts|map|tsbuildinfo)$/.test(path),
  });
  cpSync(join(from, 'package.json'), join(to, 'package.json'));
  // Packages in versions that other packages do not have.
  if (from !== '.' && existsSync(join(from, 'node_modules')))
    link(join(from, 'node_modules'), join(to, 'node_modules'));
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
    readonly [kind in 'dependencies' | 'peerDependencies']?: Readonly<Record<string, string>>;
  };
  return Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !name.startsWith('@score-crm/'));
}

function installBundles(name: string, entries: readonly (readonly [string, string])[], folder: string): void {
  const exports: Record<string, string> = {};
  for (const [index, [entry, file]] of entries.entries()) {
    exports[entry.replace(name, '.')] = `./${String(index)}.mjs`;
    link(file, join(folder, `${String(index)}.mjs`));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, exports }));
}

function link(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(resolve(from), to);
}
