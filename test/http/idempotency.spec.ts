import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANY_DATABASE, createDatabase } from '../support/databases.ts';
import { ScriptedServer } from '../support/scripted-server.ts';
import { connectTo, HELLO } from '../support/sending.ts';
import { type Answer, TestService } from '../support/service.ts';
import { smtpConnection } from '../support/smtp-settings.ts';

const CONNECTIONS = '/api/v1/connections';

describe.each(ANY_DATABASE)('the header Idempotency-Key on %s', (kind) => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start(await createDatabase(kind));
  });

  afterAll(async () => {
    await service.stop();
    await service.database.drop();
  });

  async function post(path: string, key: string, body: object, token = service.key): Promise<Answer<any>> {
    return service.call('POST', path, { body, token, headers: { 'idempotency-key': key } });
  }

  const isReplay = ({ headers }: Answer): boolean => headers.get('idempotency-replayed') === 'true';

  describe('of a message', () => {
    const servers: ScriptedServer[] = [];
    afterAll(async () => {
      for (const server of servers) await server.close();
    });

    async function connect(replies: Parameters<typeof ScriptedServer.start>[0] = {}) {
      const server = await ScriptedServer.start(replies);
      servers.push(server);
      return { server, path: `${await connectTo(service, server)}/messages` };
    }

    it('returns the first response again, and sends nothing', async () => {
      const { server, path } = await connect();
      const first = await post(path, 'campaign-42:ada', HELLO);
      expect([first.status, isReplay(first)]).toEqual([202, false]);
      const again = await post(path, '"campaign-42:ada"', HELLO);
      expect([again.status, isReplay(again), again.body]).toEqual([202, true, first.body]);
      expect(server.messages).toHaveLength(1);
    });

    it('may be quoted, with quotes and backslashes escaped', async () => {
      const { path } = await connect();
      const first = await post(path, String.raw`"a\"b\\c"`, HELLO);
      const again = await post(path, String.raw`a"b\c`, HELLO);
      expect([again.status, isReplay(again), again.body]).toEqual([202, true, first.body]);
    });

    it('fails with 422 for another message', async () => {
      const { server, path } = await connect();
      await post(path, 'one', HELLO);
      const other = await post(path, 'one', { ...HELLO, subject: 'Other' });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
      expect(server.messages).toHaveLength(1);
    });

    it('fails with 409 and Retry-After while the message is being sent', async () => {
      let confirm: () => void = () => undefined;
      let arrived: () => void = () => undefined;
      const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
      const { path } = await connect({
        message: (_line, socket) => {
          confirm = () => socket.write('250 2.0.0 Queued\r\n');
          arrived();
          return undefined;
        },
      });
      const sending = post(path, 'slow', HELLO);
      await hasArrived;
      const meanwhile = await post(path, 'slow', HELLO);
      expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'request_in_progress']);
      expect(meanwhile.headers.get('retry-after')).toBe('1');
      confirm();
      const first = await sending;
      const again = await post(path, 'slow', HELLO);
      expect([again.status, again.body]).toEqual([first.status, first.body]);
    });

    it('fails with 409 after the message may have been sent', async () => {
      const { server, path } = await connect({
        message: (_line, socket) => {
          socket.destroy();
          return undefined;
        },
      });
      expect((await post(path, 'broken', HELLO)).body).toMatchObject({
        code: 'send_failed',
        error: { stage: 'message' },
      });
      const again = await post(path, 'broken', HELLO);
      expect([again.status, again.body.code]).toEqual([409, 'outcome_unknown']);
      expect(again.headers.get('retry-after')).toBeNull();
      expect(server.messages).toHaveLength(1);
    });

    it.each(['', ' ', 'a b', '"a', '"a"b"', String.raw`"a\b"`, '"a b"', '""', 'x'.repeat(256), 'grün'])(
      'fails with 400 if it is %j',
      async (key) => {
        const { server, path } = await connect();
        const { status, body } = await post(path, key, HELLO);
        expect([status, body.code]).toEqual([400, 'invalid_query']);
        expect(body.errors).toEqual([
          { pointer: '/Idempotency-Key', code: 'malformed', message: expect.stringMatching(/\.$/) },
        ]);
        expect(server.messages).toEqual([]);
      },
    );
  });

  describe('of a connection', () => {
    it('returns the first connection again, as it is now', async () => {
      const body = smtpConnection(service.secret());
      const first = await post(CONNECTIONS, 'setup', body);
      expect([first.status, isReplay(first)]).toEqual([201, false]);
      const { id } = first.body;
      await service.call('PATCH', `${CONNECTIONS}/${String(id)}`, { body: { fromName: 'Updates' } });
      const again = await post(CONNECTIONS, 'setup', body);
      expect([again.status, isReplay(again)]).toEqual([201, true]);
      expect(again.body).toMatchObject({ id, fromName: 'Updates', version: 2 });
      expect(again.headers.get('location')).toBe(first.headers.get('location'));
      await service.call('DELETE', `${CONNECTIONS}/${String(id)}`);
      expect((await post(CONNECTIONS, 'setup', body)).body.id).toBe(id);
    });

    it('fails with 422 for another connection, also if only a secret differs', async () => {
      const body = smtpConnection(service.secret());
      await post(CONNECTIONS, 'secret', body);
      const other = await post(CONNECTIONS, 'secret', smtpConnection(service.secret()));
      expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    });

    it('is not used up by an invalid one', async () => {
      expect((await post(CONNECTIONS, 'typo', { ...smtpConnection(service.secret()), name: '' })).status).toBe(422);
      expect((await post(CONNECTIONS, 'typo', smtpConnection(service.secret()))).status).toBe(201);
    });

    it('belongs to its organization', async () => {
      const token = await service.tokenFor('other');
      const body = smtpConnection(service.secret());
      const own = await post(CONNECTIONS, 'shared', body);
      const others = await post(CONNECTIONS, 'shared', body, token);
      expect([others.status, isReplay(others)]).toEqual([201, false]);
      expect(others.body.id).not.toBe(own.body.id);
    });
  });
});
