import { rmSync, symlinkSync } from 'node:fs';
import { compileService } from './compiled-service.ts';
import { findDatabaseServer } from './mariadb.ts';
import { compiledFolder } from './process.ts';
import { temporaryFolder } from './temporary-folder.ts';

declare global {
  var endOfTests: (() => Promise<void>) | undefined;
}

export default async function setup(): Promise<void> {
  const isConfigured = process.env['TEST_MYSQL_URL'] !== undefined;
  const folder = temporaryFolder('score-tests-');
  process.env['TEST_FOLDER'] = folder;
  symlinkSync(await compileService(), compiledFolder());
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
