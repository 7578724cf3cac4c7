import { type DatabaseServer, findDatabaseServer } from './mariadb.ts';

declare global {
  var databaseServer: DatabaseServer | undefined;
}

export default async function setup(): Promise<void> {
  globalThis.databaseServer = await findDatabaseServer();
  process.env['TEST_MYSQL_URL'] = globalThis.databaseServer.url;
}
