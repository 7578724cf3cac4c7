import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { DeliveryReprocessor } from '../../libs/connections/src/deliveries/delivery-reprocessor.ts';
import { ReprocessingRunner } from '../../libs/connections/src/deliveries/reprocessing-runner.ts';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { WebhookSigner } from '../../libs/adapter-sendgrid/sandbox/index.ts';
import { breakParser } from '../support/broken-parser.ts';
import { counted } from '../support/counted.ts';
import { createDatabase, DATABASES, ofConnection } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const DELIVERIES = process.env['TEST_LONG'] === '1' ? 1_000 : 60;
const EVENTS = 10;
/** Requests at the same time; they divide the number of deliveries. */
const IN_PARALLEL = 10;

describe.each(DATABASES)('re-processing on %s', (kind) => {
  let service: TestService;
  let other: TestService;

  beforeAll(async () => {
    const database = await createDatabase(kind);
    service = await TestService.start(database);
    other = await TestService.start(database);
  });
  afterAll(async () => {
    await other.stop();
    await service.stop();
    await service.database.drop();
  });

  const pathOf = (hook: SendgridWebhook, rest = ''): string =>
    `/api/v1/connections/${hook.id}/deliveries/reprocess${rest}`;
  const list = async (hook: SendgridWebhook, search = ''): Promise<any[]> =>
    (await service.call('GET', `/api/v1/connections/${hook.id}/deliveries?limit=100${search}`)).body.data;
  const start = async (hook: SendgridWebhook, body: object): Promise<any> => {
    const answer = await service.call('POST', pathOf(hook), { body });
    expect(answer.status).toBe(202);
    return answer.body;
  };
  const ended = async (hook: SendgridWebhook, { id }: { id: string }): Promise<any> => {
    for (const until = Date.now() + 300_000; Date.now() < until;) {
      const { body } = await service.call('GET', pathOf(hook, `/${id}`));
      if (body.endedAt !== null) return body;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error('The job has not ended.');
  };
  const countEvents = async (hook: SendgridWebhook): Promise<number[]> => {
    await counted(service.app);
    const count = async (sql: string): Promise<number> => {
      const [row] = await service.app.get(UnitOfWork).read((tx) => tx.query<any[]>(sql));
      return Number(row.n);
    };
    return [
      await count(`SELECT COUNT(*) AS n FROM email_events WHERE ${ofConnection(hook.id)}`),
      await count(`SELECT SUM(events) AS n FROM event_stats WHERE ${ofConnection(hook.id)} AND hours = 1`),
    ];
  };
  const everything = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' };

  it('stores the events of rejected deliveries once, with their details, after the parser was fixed', async () => {
    const hook = await SendgridWebhook.create(service);
    const fix = breakParser(service, other);
    const known = vendorEvent('delivered');
    await hook.postSigned(JSON.stringify([vendorEvent('open', { useragent: 'Reader 1' }), vendorEvent('open')]));
    await hook.postSigned(JSON.stringify([known, vendorEvent('open')]));
    await hook.postSigned('{"half');
    fix();
    const [half, partly, whole] = await list(hook);
    expect([half.status, partly.status, whole.status]).toEqual(['rejected', 'accepted', 'rejected']);
    const job = await start(hook, { ids: [half.id, partly.id, whole.id, '999999999'] });
    expect(job).toMatchObject({ total: 4, processed: 0 });
    expect(await ended(hook, job)).toMatchObject({
      state: 'completed',
      processed: 4,
      accepted: 2,
      failed: 1,
      events: 3,
    });
    expect(await list(hook)).toEqual([
      { ...half, reason: expect.any(String) },
      { ...partly, accepted: 2, rejected: 0, rejections: [] },
      { ...whole, status: 'accepted', accepted: 2, rejected: 0, rejections: [], reason: null },
    ]);
    const { body } = await service.call('GET', `/api/v1/connections/${hook.id}/events`);
    expect(body.data.map((event: any) => event.kind)).toEqual(['opened', 'delivered', 'opened', 'opened']);
    expect(body.data[3]).toMatchObject({ userAgent: 'Reader 1', receivedAt: whole.receivedAt });
    expect(await ended(hook, await start(hook, { ids: [whole.id] }))).toMatchObject({ accepted: 0, events: 0 });
    expect(await countEvents(hook)).toEqual([4, 4]);
    // The vendor repeats what it was refused.
    const repeated = await service.call('GET', `/api/v1/connections/${hook.id}/deliveries/${String(whole.id)}`);
    expect((await hook.postSigned(repeated.body.body)).body).toEqual({ accepted: 0, duplicates: 2 });
  });

  /** Stops the runner before it processes the next delivery after so many, until the returned function is called. */
  const holdAfter = (deliveries: number): { readonly held: Promise<void>; readonly release: () => void } => {
    const reprocessor = service.app.get(DeliveryReprocessor);
    const process = reprocessor.process.bind(reprocessor);
    let [begun, reach, release] = [0, (): void => undefined, (): void => undefined];
    const held = new Promise<void>((resolve) => (reach = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    const spy = jest.spyOn(reprocessor, 'process').mockImplementation(async (...args) => {
      if (begun++ === deliveries) {
        reach();
        await released;
        spy.mockRestore();
      }
      return process(...args);
    });
    return { held, release };
  };

  it('stores each event once, though the job is canceled half-way, resumed and run by two instances', async () => {
    const hook = await SendgridWebhook.create(service);
    const fix = breakParser(service, other);
    const post = async (): Promise<void> => {
      // Of now: the purge deletes the counts of old events in the middle of a long run.
      const timestamp = Math.floor(Date.now() / 1_000);
      const events = Array.from({ length: EVENTS }, () => vendorEvent('open', { timestamp }));
      expect((await hook.postSigned(JSON.stringify(events))).status).toBe(400);
    };
    for (let index = 0; index < DELIVERIES; index += IN_PARALLEL) {
      await Promise.all(Array.from({ length: IN_PARALLEL }, post));
    }
    fix();
    const half = holdAfter(DELIVERIES / 2);
    const job = await start(hook, everything);
    await half.held;
    const canceled = await service.call('POST', pathOf(hook, `/${String(job.id)}/cancel`));
    expect(canceled.body).toMatchObject({ state: 'canceled', processed: DELIVERIES / 2 });
    half.release();
    const stopped = (await service.call('GET', pathOf(hook, `/${String(job.id)}`))).body;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await service.call('GET', pathOf(hook, `/${String(job.id)}`))).body).toEqual(stopped);
    await other.call('POST', pathOf(hook, `/${String(job.id)}/resume`), { token: service.key });
    const second = await start(hook, everything);
    other.app.get(ReprocessingRunner).start();
    const done = [await ended(hook, job), await ended(hook, second)];
    expect(done.map(({ state, processed }) => [state, processed])).toEqual([
      ['completed', DELIVERIES],
      ['completed', DELIVERIES],
    ]);
    expect(done[0].events + done[1].events).toBe(DELIVERIES * EVENTS);
    expect(done[0].events).toBeGreaterThanOrEqual((DELIVERIES / 2) * EVENTS);
    expect(await countEvents(hook)).toEqual([DELIVERIES * EVENTS, DELIVERIES * EVENTS]);
    expect(await list(hook, '&status=rejected')).toEqual([]);
  }, 600_000);

  it('continues a job of an instance that was lost, after its lease', async () => {
    const hook = await SendgridWebhook.create(service);
    const fix = breakParser(service, other);
    await hook.postSigned(JSON.stringify([vendorEvent('open')]));
    fix();
    const job = await start(hook, { ids: ['1'] });
    await ended(hook, job);
    const [{ id }] = await list(hook);
    const lose = async (until: string): Promise<unknown> =>
      service.app.get(UnitOfWork).write((tx) =>
        tx.query(
          `UPDATE reprocessing_jobs SET state = 'running', ended_at = NULL, position = NULL, ids = '[${String(id)}]',
           leased_by = 'lost', leased_until = '${until}' WHERE id = '${String(job.id)}'`,
        ),
      );
    await lose('2100-01-01 00:00:00.000');
    other.app.get(ReprocessingRunner).start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await countEvents(hook)).toEqual([0, 0]);
    await lose('2020-01-01 00:00:00.000');
    other.app.get(ReprocessingRunner).start();
    expect(await ended(hook, job)).toMatchObject({ state: 'completed', events: 1 });
  });

  it('authenticates a sample again, with the current key', async () => {
    const hook = await SendgridWebhook.create(service);
    const signer = new WebhookSigner();
    const body = JSON.stringify([vendorEvent('open')]);
    await hook.postAs(body, signer.headersFor(Buffer.from(body)));
    await service.app.get(UnauthenticatedSamples).flush();
    const [sample] = await list(hook);
    expect(await ended(hook, await start(hook, { ids: [sample.id] }))).toMatchObject({ failed: 1, events: 0 });
    expect(await list(hook)).toMatchObject([{ status: 'unauthenticated', reason: 'invalid' }]);
    await service.call('PATCH', `/api/v1/connections/${hook.id}`, {
      headers: { 'if-match': '*' },
      body: { settings: { webhookSigningKey: service.watch(signer.publicKey) } },
    });
    expect(await ended(hook, await start(hook, { ids: [sample.id] }))).toMatchObject({ accepted: 1, events: 1 });
    expect(await list(hook)).toMatchObject([{ id: sample.id, status: 'accepted', accepted: 1, reason: null }]);
    const post = await hook.postAs(body, signer.headersFor(Buffer.from(body)));
    expect(post.body).toEqual({ accepted: 0, duplicates: 1 });
  });

  it('lists the last 20 jobs of a connection, newest first, with their times', async () => {
    const [hook, second] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
    const listJobs = async (of: SendgridWebhook): Promise<any[]> => (await service.call('GET', pathOf(of))).body.data;
    expect(await listJobs(hook)).toEqual([]);
    const byTime = await start(hook, everything);
    const [from, to] = Object.values(everything).map((time) => new Date(time).toISOString());
    expect(byTime).toMatchObject({ total: null, from, to });
    expect(await ended(hook, byTime)).toMatchObject({ from, to });
    const ids = [byTime.id];
    for (let count = 0; count < 20; count++) {
      const job = await start(hook, { ids: ['1', '2'] });
      expect(job).toMatchObject({ total: 2, from: null, to: null });
      ids.unshift(job.id);
    }
    expect((await listJobs(hook)).map(({ id }) => id)).toEqual(ids.slice(0, 20));
    expect(await listJobs(second)).toEqual([]);
    const reader = await service.tokenFor('default', 'read');
    expect((await service.call('GET', pathOf(hook), { token: reader })).status).toBe(403);
  });

  it('requires either ids or a time, and belongs to its connection', async () => {
    const [hook, second] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
    const [from, to] = ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z'];
    for (const body of [{}, { ids: [] }, { ids: ['x'] }, { ids: ['1'], from, to }, { from }, { from, to }]) {
      const answer = await service.call('POST', pathOf(hook), { body });
      expect([answer.status, answer.body.code]).toEqual([422, 'invalid_input']);
    }
    const { id } = await start(hook, { ids: ['1'] });
    for (const rest of [`/${String(id)}`, `/${String(id)}/cancel`, `/${String(id)}/resume`]) {
      const method = rest.endsWith(String(id)) ? 'GET' : 'POST';
      expect((await service.call(method, pathOf(second, rest))).status).toBe(404);
    }
  });
});
