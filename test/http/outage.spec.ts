import { expect, it } from '@jest/globals';
import { parseDatabaseUrl } from '../../src/config/urls.ts';
import { createDatabase } from '../support/databases.ts';
import { TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

it('answers 503 while the database is stopped, and recovers by itself when it is back', async () => {
  const database = await createDatabase('MariaDB');
  const location = parseDatabaseUrl(database.url);
  if (location.kind !== 'mysql') throw new Error('MariaDB is not MySQL’s kind');
  const proxy = await TcpProxy.before(location.host, location.port);
  const service = await TestService.start(database, { database: { ...location, ...proxy.address } });
  const call = (method: string, path: string, body?: object) =>
    service.call(method, path, body === undefined ? {} : { body });
  expect((await call('GET', '/health/ready')).status).toBe(200);

  await proxy.cut();
  const answers = [
    await call('GET', '/api/v1/connections'),
    await call('POST', '/api/v1/connections', smtpConnection(service.secret())),
    // A vendor repeats what it gets a 503 for.
    await call('POST', '/webhooks/v2/sendgrid/0199d3c8-7a00-7000-8000-000000000000'),
  ];
  for (const answer of answers) {
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
  }
  expect(await call('GET', '/health/ready')).toMatchObject({ status: 503, body: { database: 'down' } });
  expect((await call('GET', '/health/live')).status).toBe(200);

  await proxy.resume();
  expect((await call('GET', '/health/ready')).status).toBe(200);
  expect((await call('POST', '/api/v1/connections', smtpConnection(service.secret()))).status).toBe(201);
  expect((await call('GET', '/api/v1/connections')).body.data).toHaveLength(1);
  await service.stop();
  await proxy.cut();
  await database.drop();
});
