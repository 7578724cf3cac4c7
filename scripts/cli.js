// The command line of a working copy: `npm run cli -- <command>`.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);

if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('The command line is not built yet. Run: npm run build\n');
  process.exitCode = 1;
}
