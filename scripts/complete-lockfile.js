// Adds the optional packages of other platforms to package-lock.json. npm omits them if the registry does not have them, and
// `npm ci` then fails because the lock file looks out of date. Run it after `npm install` against such a registry.
import { readFileSync, writeFileSync } from 'node:fs';

const OPERATING_SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = [
  'arm64',
  'arm',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { packages } = lockfile;
for (const { dev, optionalDependencies = {} } of Object.values(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const parts = name.split(/[/-]/);
    const cpu = PROCESSORS.filter((processor) => parts.includes(processor));
    // Only packages of one platform: their exact version is their parent's.
    if (packages[`node_modules/${name}`] !== undefined || cpu.length === 0 || !/^\d/.test(version)) continue;
    const os = OPERATING_SYSTEMS.filter((system) => parts.includes(system));
    packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(dev === true ? { dev } : {}),
      optional: true,
      ...(os.length === 0 ? {} : { os }),
    };
  }
}
lockfile.packages = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lockfile, null, 2)}\n`);
