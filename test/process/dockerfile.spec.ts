import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkedFetch } from '../support/contract.ts';
import { createDatabase } from '../support/databases.ts';
import { contextFiles } from '../support/dockerignore.ts';
import { freePort } from '../support/free-port.ts';
import { buildImages, type Image } from '../support/image-builder.ts';
import { TestProcess } from '../support/process.ts';
import { smtpConnection } from '../support/smtp-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DOCKERFILE = readFileSync('docker/Dockerfile', 'utf8');
const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
const newKey = (): string => `k1:${randomBytes(32).toString('base64')}`;

describe('the context of the image', () => {
  it('holds what is built, and nothing that may be secret or is made', () => {
    const files = contextFiles('.');
    for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'docs/openapi.json', 'src/main.ts']) {
      expect(files).toContain(file);
    }
    expect(files).toContain('libs/connections/src/index.ts');
    const odd = files.filter((file) =>
      /(^|\/)(node_modules|dist|data|\.git|\.env)(\/|$)|^(libs\/[^/]+\/)?test\//.test(file),
    );
    expect(odd).toEqual([]);
    const top = new Set(files.map((file) => file.split('/')[0]));
    expect([...top].toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
      'docs',
      'libs',
      'package-lock.json',
      'package.json',
      'scripts',
      'src',
      'tsconfig.base.json',
      'tsconfig.json',
    ]);
  });
});

// There need not be a Docker here: the steps are read out of the Dockerfile and followed with the programs of this machine.
describe('the image', () => {
  let folder: string;
  let image: Image;
  let app: string;

  beforeAll(() => {
    folder = temporaryFolder('image-');
    const stages = buildImages(DOCKERFILE, { folder, context: '.', environment: { PATH, ...machine(folder) } });
    image = stages.at(-1) as Image;
    app = join(image.root, image.directory);
  }, 600_000);

  afterEach(() => TestProcess.endAll());

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds what runs and no more: no sources, tests, keys or development dependencies', () => {
    expect(readdirSync(image.root)).toEqual(['app']);
    expect(readdirSync(app).toSorted()).toEqual(['data', 'dist', 'libs', 'node_modules', 'package.json']);
    expect(readdirSync(join(app, 'data'))).toEqual([]);
    const { workspaces, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      workspaces: string[];
      devDependencies: Record<string, string>;
    };
    expect(workspaces).toEqual(['libs/*']);
    for (const lib of readdirSync(join(app, 'libs'))) {
      const odd = readdirSync(join(app, 'libs', lib)).filter(
        (name) => !/^(dist|node_modules|package\.json)$/.test(name),
      );
      expect([lib, odd]).toEqual([lib, []]);
    }
    const left = Object.keys(devDependencies).filter((name) => existsSync(join(app, 'node_modules', name)));
    // Dependencies of the service need them as well.
    expect(left).toEqual(['@types/node', 'ajv', 'ajv-formats']);
  });

  it('serves from MariaDB, tells its health, and stops when it is told to', async () => {
    const database = await createDatabase('MariaDB');
    const port = await freePort();
    const environment = {
      ...image.environment,
      PATH,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      ENCRYPTION_KEYS: newKey(),
    };
    const [program, script = '', ...args] = image.command;
    expect(program).toBe('node');
    const isHealthy = (): boolean =>
      spawnSync(image.healthCheck[0] ?? '', image.healthCheck.slice(1), { cwd: app, env: environment }).status === 0;
    expect(isHealthy()).toBe(false);

    const service = new TestProcess(join(app, script), args, environment);
    const url = `http://127.0.0.1:${String(port)}`;
    await service.says(/"msg":"Server listening at/);
    expect(isHealthy()).toBe(true);
    await service.says(/"msg":"The service is ready\."/);
    expect(await (await checkedFetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok', database: 'up' });

    const command = new TestProcess(
      join(app, 'dist/cli/main.js'),
      ['api-keys', 'create', '--name', 'First'],
      environment,
    );
    expect(await command.exited).toBe(0);
    const [, token] = /^key {2}(\S+)$/m.exec(command.stdout) ?? [];
    const created = await checkedFetch(`${url}/api/v1/connections`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' },
      body: JSON.stringify(smtpConnection('open sesame')),
    });
    expect(created.status).toBe(201);
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(isHealthy()).toBe(false);
    await database.drop();
  }, 120_000);

  it('opens SQLite too', async () => {
    const environment = { ...image.environment, PATH, DATABASE_URL: `sqlite:${join(app, 'data/test.sqlite')}` };
    const command = new TestProcess(join(app, 'dist/cli/main.js'), ['migrations', 'run'], {
      ...environment,
      ENCRYPTION_KEYS: newKey(),
    });
    expect([await command.exited, command.stderr]).toEqual([0, '']);
    expect(command.stdout).toContain('CreateConnections');
  }, 60_000);
});

/**
 * What the build would find on the network, this machine has: packages in npm's cache, filled by its own `npm ci`, and the
 * compiled SQLite, which the package's install script takes for the one it would have fetched.
 */
function machine(folder: string): Record<string, string> {
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  const binaries = join(folder, 'binaries');
  mkdirSync(binaries);
  const { version } = JSON.parse(readFileSync('node_modules/better-sqlite3/package.json', 'utf8')) as {
    version: string;
  };
  const { modules } = process.versions;
  const name = `better-sqlite3-v${version}-node-v${modules}-${process.platform}-${process.arch}.tar.gz`;
  execFileSync('tar', [
    '-czf',
    join(binaries, name),
    '-C',
    'node_modules/better-sqlite3',
    'build/Release/better_sqlite3.node',
  ]);
  return {
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_better_sqlite3_local_prebuilds: binaries,
  };
}
