import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { createConnection } from 'mysql2/promise';
import { parseDatabaseUrl } from '../../src/config/urls.ts';
import { createDatabase, type TestDatabase } from '../support/databases.ts';
import { connectTo, eventsOf, send } from '../support/sending.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';
import { TestSmtpServer } from '../support/smtp-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const TIMEOUT_MS = 2_000;

describe('a database that goes silent', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let service: TestService;

  beforeEach(async () => {
    database = await createDatabase('MariaDB');
    const location = parseDatabaseUrl(database.url);
    if (location.kind !== 'mysql') throw new Error('MariaDB is not MySQL’s kind');
    proxy = await TcpProxy.before(location.host, location.port);
    service = await TestService.start(database, {
      database: { ...location, ...proxy.address, poolSize: 20 },
      databaseTimeoutMs: TIMEOUT_MS,
    });
  });
  afterEach(async () => {
    proxy.endSilence();
    await proxy.cut();
    await database.drop();
  });

  it('in the middle of a commit: webhooks get 503 in time, and are accepted soon after it is back', async () => {
    const hook = await SendgridWebhook.create(service);
    const acknowledged: string[] = [];
    let posts = 0;
    const post = async (): Promise<number> => {
      const recipient = `${String(posts++)}@r.example`;
      const { status } = await hook.post([vendorEvent('delivered', { email: recipient })]);
      if (status === 200) acknowledged.push(recipient);
      return status;
    };
    expect(await post()).toBe(200);
    const committing = proxy.intercept({ text: 'COMMIT', what: 'silence', when: 'after' });
    const first = post();
    await committing;
    proxy.silence();
    const statuses = await Promise.all([first, ...Array.from({ length: 10 }, () => post())]);
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect((await service.call('GET', '/health/live')).status).toBe(200);
    proxy.endSilence();
    // What went silent with the network is given up at its deadline; without one, this would not end.
    while ((await post()) !== 200) await delay(20);
    while ((await service.call('GET', '/health/ready')).status !== 200) await delay(20);
    const rows = await service.app
      .get(UnitOfWork)
      .read((tx) => tx.query<{ recipient: string }[]>('SELECT recipient FROM email_events'));
    expect(rows.map((row) => row.recipient)).toEqual(expect.arrayContaining(acknowledged));
    await service.stop();
  });

  it('after a message was sent: the caller gets 202, and its events are stored later', async () => {
    const server = await TestSmtpServer.start();
    const path = await connectTo(service, server);
    const committing = proxy.intercept({ text: 'INSERT INTO email_events', what: 'silence', when: 'before' });
    const sending = send(service, path);
    await committing;
    proxy.silence();
    expect((await sending).status).toBe(202);
    proxy.endSilence();
    let events: any[] = [];
    while (events.length === 0) events = (await eventsOf(service, path)) ?? [];
    expect(events).toMatchObject([{ kind: 'sent' }]);
    await service.stop();
    await server.close();
  });

  it('and stays so: the application still closes', async () => {
    const hook = await SendgridWebhook.create(service);
    const committing = proxy.intercept({ text: 'COMMIT', what: 'silence', when: 'before' });
    const post = hook.post([vendorEvent('delivered')]);
    await committing;
    proxy.silence();
    await service.app.close();
    expect((await post).status).toBe(503);
  });

  it.each([
    ['email_events WRITE', 'stuck'],
    ['email_events WRITE, connections WRITE', 'down'],
  ])(
    'because another session holds LOCK TABLES %s: it is %s, writes get 503, nothing stays locked',
    async (locks, state) => {
      const hook = await SendgridWebhook.create(service);
      const other = await createConnection({ uri: database.url });
      await other.query(`LOCK TABLES ${locks}`);
      const post = hook.post([vendorEvent('delivered')]);
      const isOver = post.then(() => true);
      const reported = new Set<string>();
      do reported.add((await service.call('GET', '/health/ready')).body.database);
      while (!(await Promise.race([isOver, delay(20, false)])));
      expect(reported).toContain(state);
      const answer = await post;
      expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
      await other.query('UNLOCK TABLES');
      await other.end();
      expect((await hook.post([vendorEvent('delivered')])).status).toBe(200);
      await service.stop();
    },
  );

  it('for 25 slow queries of the API does not keep webhooks, health checks or other requests from it', async () => {
    const hook = await SendgridWebhook.create(service);
    const unitOfWork = service.app.get(UnitOfWork);
    const slow = Array.from({ length: 25 }, () =>
      unitOfWork.read((tx) => tx.query('SELECT SLEEP(30)'), { lane: 'query', turn: 'slow' }).catch(() => 'ended'),
    );
    expect((await hook.post([vendorEvent('delivered')])).status).toBe(200);
    expect((await service.call('GET', '/health/ready')).status).toBe(200);
    expect((await service.call('GET', '/api/v1/connections')).status).toBe(200);
    await Promise.all(slow);
    await service.stop();
  });
});
