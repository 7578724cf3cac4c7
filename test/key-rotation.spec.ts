import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from './support/databases.ts';
import { COMMAND_LINE, TestProcess } from './support/process.ts';
import { TestService } from './support/service.ts';
import { TestSmtpServer } from './support/smtp-server.ts';
import { smtpConnection } from './support/smtp-settings.ts';

const newKey = (kid: string): string => `${kid}:${randomBytes(32).toString('base64')}`;

afterEach(() => TestProcess.endAll());

// The steps of docs/operations.md, with one instance restarted after the other.
it.each(ANY_DATABASE)(
  'two instances on %s send with each other’s secrets at every step of a key rotation',
  async (kind) => {
    const database = await createDatabase(kind);
    const server = await TestSmtpServer.start();
    const [k1, k2] = [newKey('k1'), newKey('k2')];
    const start = (keys: string): Promise<TestService> => TestService.start(database, { encryptionKeys: keys });
    const ids: string[] = [];

    const expectService = async (one: TestService, other: TestService): Promise<void> => {
      for (const [writer, reader] of [
        [one, other],
        [other, one],
      ] as const) {
        const { port, username, password } = server;
        const input = smtpConnection(password, { host: '127.0.0.1', port, username, secure: false });
        const created = await writer.call('POST', '/api/v1/connections', { body: input });
        expect(created.status).toBe(201);
        ids.push(created.body.id);
        // The first connection is the oldest: its key is the one that matters last.
        for (const id of [ids[0], created.body.id]) {
          const body = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello' };
          expect((await reader.call('POST', `/api/v1/connections/${String(id)}/messages`, { body })).status).toBe(202);
          const change = { settings: { password } };
          expect(
            (await reader.call('PATCH', `/api/v1/connections/${String(created.body.id)}`, { body: change })).status,
          ).toBe(200);
        }
        expect((await reader.call('GET', '/health/ready')).body).toMatchObject({ status: 'ok' });
      }
    };

    let instances: [TestService, TestService] = [await start(k1), await start(k1)];
    const restartWith = async (keys: string): Promise<void> => {
      for (const index of [0, 1] as const) {
        // Not `stop`: reading a SQLite file would take the locks of the other instance in this process away.
        await instances[index].app.close();
        instances = index === 0 ? [await start(keys), instances[1]] : [instances[0], await start(keys)];
        await expectService(...instances);
      }
    };
    await expectService(...instances);
    await restartWith(`${k1},${k2}`);
    await restartWith(`${k2},${k1}`);
    const environment = { NODE_ENV: 'production', DATABASE_URL: database.url, ENCRYPTION_KEYS: `${k2},${k1}` };
    const command = new TestProcess(COMMAND_LINE, ['keys', 'rotate'], environment);
    expect([await command.exited, command.stdout]).toEqual([
      0,
      expect.stringMatching(/^Re-encrypted [1-9]\d*, .* unreadable 0\n$/),
    ]);
    await expectService(...instances);
    await restartWith(k2);

    for (const instance of instances) await instance.app.close();
    await instances[0].assertSecretsKept();
    await server.close();
    await database.drop();
  },
  180_000,
);
