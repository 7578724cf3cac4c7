import { expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { createDatabase, DATABASES } from './support/databases.ts';
import { TestService } from './support/service.ts';
import { smtpConnection } from './support/smtp-settings.ts';

it.each(DATABASES)('getDataSourceToken() resolves to the database of the service on %s', async (kind) => {
  const service = await TestService.start(await createDatabase(kind));
  const body = smtpConnection(service.secret());
  const { id } = (await service.call('POST', '/api/v1/connections', { body })).body;
  const dataSource = service.app.get<DataSource>(getDataSourceToken());
  expect(await dataSource.query('SELECT id FROM connections')).toEqual([{ id }]);
  await service.stop();
  expect(dataSource.isInitialized).toBe(false);
  await service.database.drop();
});
