import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

const CONFIGURATIONS = [
  'package.json',
  'nest-cli.json',
  'jest.config.js',
  '.oxlintrc.json',
  '.dependency-cruiser.js',
  'tsconfig.base.json',
  'tsconfig.test.json',
  'tsconfig.json',
];

/** A copy of the sources, with nothing built, in which a test can change files. It shares the installed packages. */
export function copySourceTree(): string {
  const folder = temporaryFolder('tree-');
  for (const path of [...CONFIGURATIONS, 'src', 'libs', 'test', 'scripts']) {
    cpSync(path, join(folder, path), { recursive: true, filter: (file) => !/\/(dist|node_modules)$/.test(file) });
  }
  mkdirSync(join(folder, 'node_modules/@score-crm'), { recursive: true });
  for (const entry of readdirSync('node_modules')) {
    if (entry !== '@score-crm') symlinkSync(resolve('node_modules', entry), join(folder, 'node_modules', entry));
  }
  for (const lib of readdirSync('libs')) {
    symlinkSync(join(folder, 'libs', lib), join(folder, 'node_modules/@score-crm', lib));
    const own = resolve('libs', lib, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(folder, 'libs', lib, 'node_modules'));
  }
  return folder;
}
