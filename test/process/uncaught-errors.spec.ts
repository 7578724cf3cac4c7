import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { TestProcess } from '../support/process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

afterEach(() => TestProcess.endAll());

it.each([
  ['an uncaught error', 'setTimeout(() => { throw error; }, 1);'],
  ['an unhandled rejection', 'void Promise.reject(error);'],
])(
  '%s ends the process with 1 and is logged without SQL',
  async (_what, fail) => {
    const from = (path: string): string => JSON.stringify(pathToFileURL(join(process.cwd(), path)).href);
    const script = join(temporaryFolder('uncaught-'), 'main.mjs');
    writeFileSync(
      script,
      `import { exitOnUncaughtErrors } from ${from('dist/logging/logger.js')};
     import { createLogger } from ${from('dist/logging/logger.js')};
     import { QueryFailedError } from ${from('node_modules/typeorm/index.mjs')};
     exitOnUncaughtErrors(createLogger('info'));
     const cause = Object.assign(new Error("Duplicate entry 'hunter2' for key 'x'"), { code: 'ER_DUP_ENTRY' });
     const error = new QueryFailedError("INSERT INTO x VALUES ('hunter2')", ['hunter2'], cause);
     setInterval(() => undefined, 1000);
     ${fail}`,
    );
    const child = new TestProcess(script, [], {});
    expect(await child.exited).toBe(1);
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toMatchObject({
      level: 'fatal',
      err: { type: 'QueryFailedError', code: 'ER_DUP_ENTRY' },
    });
    expect(child.stdout).not.toMatch(/hunter2|INSERT/);
  },
  60_000,
);
