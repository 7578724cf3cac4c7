// Another Nest application on the database of the service, for tests that kill it: it writes the id of each event to a file.
import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { connectionsEntities, ConnectionsModule, OnEmailEvent } from '@score-crm/connections';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';

const { DATABASE_URL = '', ENCRYPTION_KEYS = '', RECORD = '' } = process.env;

class Recorder {
  record(events) {
    appendFileSync(RECORD, events.map(({ id }) => `${id}\n`).join(''));
  }
}
const method = Object.getOwnPropertyDescriptor(Recorder.prototype, 'record');
OnEmailEvent('*', { name: 'recorder', start: 'beginning' })(Recorder.prototype, 'record', method);

const { hostname: host, port, username, password, pathname } = new URL(DATABASE_URL);
const dataSource = new DataSource({
  type: 'mariadb',
  host,
  port: Number(port),
  username: decodeURIComponent(username),
  password: decodeURIComponent(password),
  database: pathname.slice(1),
  charset: 'utf8mb4',
  timezone: 'Z',
  poolSize: 10,
  entities: connectionsEntities('mysql'),
});
await dataSource.initialize();

class Application {}
await NestFactory.createApplicationContext(
  {
    module: Application,
    imports: [
      ConnectionsModule.forRoot({ dataSource, encryptionKeys: ENCRYPTION_KEYS, outbound: { allowLoopback: true } }),
    ],
    providers: [SendgridAdapter, Recorder],
  },
  { logger: ['error'] },
);
process.stdout.write('The subscriber is ready.\n');
