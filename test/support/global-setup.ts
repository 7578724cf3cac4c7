import { rmSync } from 'node:fs';
import { installService } from './installation.ts';
import { findDatabaseServer } from './mariadb.ts';
import { installationFolder } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

declare global {
  var endOfTests: (() => Promise<void>) | undefined;
}

/** The part of Jest's configuration that is needed here. */
interface ProjectConfig {
  /** Patterns, such as `^typeorm$`, and the file of the bundle. */
  readonly moduleNameMapper: readonly (readonly [string, string])[];
}

export default async function setup(_globalConfig: unknown, { moduleNameMapper }: ProjectConfig): Promise<void> {
  const isConfigured = process.env['TEST_MYSQL_URL'] !== undefined;
  const folder = temporaryFolder('score-tests-');
  process.env['TEST_FOLDER'] = folder;
  const bundles = moduleNameMapper.map(([pattern, file]) => [pattern.slice(1, -1), file] as const);
  installService(installationFolder(), new Map(bundles));
  const server = await findDatabaseServer();
  process.env['TEST_MYSQL_URL'] = server.url;
  // Jest that watches begins anew in the same process.
  globalThis.endOfTests = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    delete process.env['TEST_FOLDER'];
    if (!isConfigured) delete process.env['TEST_MYSQL_URL'];
  };
}
