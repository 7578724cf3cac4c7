import { execFile } from 'node:child_process';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from './support/databases.ts';
import { TestService } from './support/service.ts';
import { TestSmtpServer } from './support/smtp-server.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const run = promisify(execFile);
const DOCUMENT = resolve('docs/openapi.json');
/** Two generators and a compiler, on a machine that is busy. */
const COMPILE_MS = 300_000;

/** As an application that compiles to CommonJS has it. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    module: 'commonjs',
    moduleResolution: 'bundler',
    types: ['node'],
    skipLibCheck: true,
    outDir: 'built',
    rootDir: '.',
  },
  include: ['**/*.ts'],
};

describe('clients that are generated from docs/openapi.json', () => {
  let folder: string;

  beforeAll(async () => {
    folder = temporaryFolder('clients-');
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    cpSync('test/clients', folder, { recursive: true });
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const openapiTypescript = resolve('libs/console/node_modules/openapi-typescript/bin/cli.js');
    await run(process.execPath, [openapiTypescript, DOCUMENT, '--output', join(folder, 'schema.ts')]);
    const heyApi = resolve('node_modules/@hey-api/openapi-ts/bin/run.js');
    await run(process.execPath, [heyApi, '-i', DOCUMENT, '-o', join(folder, 'hey-api'), '--silent', '--no-log-file']);
    await run(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), '-p', folder]).catch(
      (error: unknown) => {
        throw new Error(`The clients do not compile:\n${(error as { stdout: string }).stdout}`);
      },
    );
  }, COMPILE_MS);

  describe('with a service', () => {
    let service: TestService;
    let mailbox: TestSmtpServer;

    beforeAll(async () => {
      const outboundAllow = ['127.0.0.1'];
      service = await TestService.start(await createDatabase('SQLite'), { outboundAllow });
      mailbox = await TestSmtpServer.start();
    });

    afterAll(async () => {
      await mailbox.close();
      await service.stop();
      await service.database.drop();
    });

    it.each(['hey-api', 'openapi-fetch'])('%s makes the calls of the README', async (client) => {
      const program = join(folder, 'built', `${client}.client.js`);
      const parameters = [service.url, service.key, String(mailbox.port), mailbox.password];
      const { stdout } = await run(process.execPath, [program, ...parameters]);
      expect(JSON.parse(stdout)).toEqual({
        found: [true],
        test: true,
        sent: ['ada@recipient.example'],
        events: ['sent'],
        fromName: 'News',
        stale: 'version_mismatch',
        blockedBy: ['Spring sale'],
        deleted: 204,
      });
    });
  });
});
