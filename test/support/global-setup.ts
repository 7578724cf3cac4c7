import { type DatabaseServer, findDatabaseServer } from './mariadb.ts';
import { temporaryFolder } from './temporary-folder.ts';

declare global {
  var databaseServer: DatabaseServer | undefined;
}

export default async function setup(): Promise<void> {
  process.env['TEST_FOLDER'] = temporaryFolder('score-tests-');
  globalThis.databaseServer = await findDatabaseServer();
  process.env['TEST_MYSQL_URL'] = globalThis.databaseServer.url;
}
