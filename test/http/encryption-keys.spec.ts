import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase, type TestDatabase } from '../support/databases.ts';
import { TEST_KEY, TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const PATH = '/api/v1/connections';

describe.each(ANY_DATABASE)('with a wrong key on %s', (kind) => {
  async function withOneConnection(): Promise<{ database: TestDatabase; id: string }> {
    const database = await createDatabase(kind);
    const service = await TestService.start(database);
    const { body } = await service.call('POST', PATH, { body: smtpConnection(service.secret()) });
    await service.stop();
    return { database, id: body.id };
  }

  it('says which connections cannot be opened, and writes nothing back', async () => {
    const { database, id } = await withOneConnection();
    // The same id, another key: only a look at the key itself tells.
    const service = await TestService.start(database, { encryptionKeys: `test:${randomBytes(32).toString('base64')}` });
    expect(service.logs.filter((line) => line.includes('"level":"error"') && line.includes(id))).toHaveLength(1);
    const ready = await service.call('GET', '/health/ready', { token: null });
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'unavailable', database: 'up', unreadableConnections: { count: 1 } },
    });

    const read = await service.call('GET', `${PATH}/${id}`);
    expect(read.status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/test', undefined],
      ['PATCH', '', { settings: { heloName: 'crm.example.com' } }],
    ] as const) {
      const answer = await service.call(method, `${PATH}/${id}${path}`, body === undefined ? {} : { body });
      expect([answer.status, answer.body.code]).toEqual([503, 'secrets_unreadable']);
    }
    expect((await service.call('PATCH', `${PATH}/${id}`, { body: { name: 'Renamed' } })).status).toBe(200);
    await service.stop();

    const right = await TestService.start(database);
    expect((await right.call('GET', '/health/ready')).body.unreadableConnections.count).toBe(0);
    const test = await right.call('POST', `${PATH}/${id}/test`);
    expect(test.body.diagnosis.error.code).toBe('host_not_found');
    await right.stop();
    await database.drop();
  });

  it('is ready, though degraded, while some connections can be opened; a secret entered anew mends the rest', async () => {
    const { database, id } = await withOneConnection();
    const service = await TestService.start(database, { encryptionKeys: `new:${randomBytes(32).toString('base64')}` });
    await service.call('POST', PATH, { body: smtpConnection(service.secret()) });
    const ready = await service.call('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded', unreadableConnections: { count: 1 } } });
    const mended = await service.call('PATCH', `${PATH}/${id}`, { body: { settings: { password: service.secret() } } });
    expect(mended.status).toBe(200);
    expect((await service.call('GET', '/health/ready')).body.status).toBe('ok');
    await service.stop();
    await database.drop();
  });

  it('still opens what an older key encrypted', async () => {
    const { database, id } = await withOneConnection();
    const keys = `new:${randomBytes(32).toString('base64')},${TEST_KEY}`;
    const service = await TestService.start(database, { encryptionKeys: keys });
    expect((await service.call('GET', '/health/ready')).body.status).toBe('ok');
    expect((await service.call('POST', `${PATH}/${id}/test`)).body.diagnosis.error.code).toBe('host_not_found');
    await service.stop();
    await database.drop();
  });
});
