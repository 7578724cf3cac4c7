import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { createDatabase, DATABASES, ofConnection } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const KIB = 1024;
/** Forged requests, and how many of them are as large as the vendor's webhook accepts. */
const FORGED = process.env['TEST_LONG'] === '1' ? { all: 100_000, large: 200 } : { all: 600, large: 4 };

describe.each(DATABASES)('unauthenticated deliveries on %s', (kind) => {
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

  const flush = async (of = service): Promise<void> => of.app.get(UnauthenticatedSamples).flush();
  const list = async (id: string): Promise<any[]> =>
    (await service.call('GET', `/api/v1/connections/${id}/deliveries?status=unauthenticated&limit=100`)).body.data;
  const get = async (id: string, delivery: string): Promise<any> =>
    (await service.call('GET', `/api/v1/connections/${id}/deliveries/${delivery}`)).body;
  const counted = async (id: string): Promise<number> =>
    (await service.call('GET', `/api/v1/connections/${id}/webhook`)).body.unauthenticatedCount;
  const query = async (sql: string): Promise<any[]> => service.app.get(UnitOfWork).read((tx) => tx.query(sql));
  const headersOf = async (id: string): Promise<string[]> =>
    (await query(`SELECT headers FROM event_batches WHERE ${ofConnection(id)}`)).map(({ headers }) => headers);
  /** Signed with the key of another account. */
  const forge = async (hook: SendgridWebhook, body: string, headers: Record<string, string> = {}, to = service) => {
    const { status } = await to.call('POST', hook.path, {
      token: null,
      headers: { ...hook.signer.headersFor(Buffer.from('something else')), ...headers },
      body,
    });
    expect(status).toBe(401);
  };

  it('are counted and sampled within seconds, without a call', async () => {
    const hook = await SendgridWebhook.create(service);
    const body = JSON.stringify([vendorEvent('open')]);
    for (let count = 0; count < 3; count++) await forge(hook, body);
    const until = Date.now() + 10_000;
    while ((await counted(hook.id)) < 3 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    const [sample, ...rest] = await list(hook.id);
    expect(rest).toEqual([]);
    expect(sample).toMatchObject({
      status: 'unauthenticated',
      reason: 'invalid',
      occurrences: 3,
      size: body.length,
      accepted: 0,
      hasBody: true,
    });
    expect(await get(hook.id, sample.id)).toMatchObject({ body, truncated: false, contentType: 'application/json' });
    await forge(hook, body, {}, other);
    await flush(other);
    await forge(hook, body);
    await flush();
    expect(await list(hook.id)).toMatchObject([{ id: sample.id, occurrences: 5 }]);
    expect(await counted(hook.id)).toBe(5);
  });

  it('are sampled at most once a second for each connection, while all are counted', async () => {
    const [hook, second] = [await SendgridWebhook.create(service), await SendgridWebhook.create(service)];
    await flush();
    const write = jest.spyOn(service.app.get(UnitOfWork), 'write');
    const begun = performance.now();
    for (let index = 0; index < 40; index++) await forge(hook, `[${String(index)}]`);
    await forge(second, '[0]');
    await flush();
    const seconds = Math.ceil((performance.now() - begun) / 1_000);
    expect((await list(hook.id)).length).toBeLessThanOrEqual(seconds + 1);
    expect((await list(second.id)).length).toBe(1);
    // Status, samples and ids of both connections.
    expect(write.mock.calls.length).toBeLessThanOrEqual(5 * (seconds + 1));
    write.mockRestore();
    expect([await counted(hook.id), await counted(second.id)]).toEqual([40, 1]);
  });

  it('are stored as the last 20 samples, whichever instance received them', async () => {
    const hook = await SendgridWebhook.create(service);
    for (let index = 0; index < 25; index++) {
      const to = index % 2 === 0 ? service : other;
      await forge(hook, `[${String(index)}]`, {}, to);
      await flush(to);
    }
    const samples = await list(hook.id);
    const bodies = await Promise.all(samples.map(async ({ id }) => (await get(hook.id, id)).body));
    const indexes = bodies.map((body) => Number(JSON.parse(body)[0])).toSorted((a, b) => a - b);
    expect(indexes).toHaveLength(20);
    // Ids of two instances within a second are in no order.
    expect(indexes.at(-1)).toBeGreaterThanOrEqual(23);
    const orphans = 'SELECT batch FROM event_bodies WHERE batch NOT IN (SELECT id FROM event_batches)';
    expect(await query(orphans)).toEqual([]);
    // One that is no longer stored is new when it comes again.
    const missing = Array.from({ length: 25 }, (_, index) => index).find((index) => !indexes.includes(index)) ?? 0;
    await forge(hook, `[${String(missing)}]`);
    await flush();
    expect(await list(hook.id)).toHaveLength(20);
  });

  it('are stored with 64 KiB of their body, and without the headers that these are then useless with', async () => {
    const hook = await SendgridWebhook.create(service);
    const body = JSON.stringify('x'.repeat(100 * KIB));
    await forge(hook, body);
    await flush();
    const [sample] = await list(hook.id);
    expect(sample.size).toBe(body.length);
    const details = await get(hook.id, sample.id);
    expect(details).toMatchObject({ body: body.slice(0, 64 * KIB), truncated: true });
    expect(await headersOf(hook.id)).toEqual([null]);
  });

  it('keep the headers of a signature, but no credentials of other systems and no query', async () => {
    const hook = await SendgridWebhook.create(service);
    const secret = service.secret();
    const encoded = encodeURIComponent(secret);
    const path = `${hook.path}?token=${encoded}`;
    await service.call('POST', path, {
      token: null,
      headers: {
        ...hook.signer.headersFor(Buffer.from('something else')),
        authorization: `Bearer ${encoded}`,
        cookie: `session=${encoded}`,
      },
      body: '[]',
    });
    await flush();
    const [headers] = (await headersOf(hook.id)).map((text) => (typeof text === 'string' ? JSON.parse(text) : text));
    expect(Object.keys(headers)).toEqual(
      expect.arrayContaining(['x-twilio-email-event-webhook-signature', 'x-twilio-email-event-webhook-timestamp']),
    );
    expect((await service.database.dump()).includes(encoded)).toBe(false);
  });

  it('keep neither headers nor a body where the vendor authenticates by a shared secret', async () => {
    const webhookPassword = service.watch(randomBytes(24).toString('base64url'));
    const apiKey = service.watch(randomBytes(20).toString('hex'));
    const body = { name: 'SparkPost', vendor: 'sparkpost', settings: { apiKey, webhookPassword } };
    const { id } = (await service.call('POST', '/api/v1/connections', { body })).body;
    const wrong = randomBytes(24).toString('base64url');
    const authorization = `Basic ${Buffer.from(`score-crm:${wrong}`).toString('base64')}`;
    for (let count = 0; count < 2; count++) {
      const options = { token: null, body: [{ count }], headers: { authorization, 'x-own': wrong } };
      expect((await service.call('POST', `/webhooks/v2/sparkpost/${String(id)}`, options)).status).toBe(401);
    }
    await flush();
    expect(await list(id)).toMatchObject([{ reason: 'invalid', occurrences: 2, hasBody: false, size: 0 }]);
    expect(await headersOf(id)).toEqual([null]);
    const dump = await service.database.dump();
    expect([dump.includes(wrong), dump.includes(Buffer.from(`score-crm:${wrong}`).toString('base64'))]).toEqual([
      false,
      false,
    ]);
  });

  it('are not confused with a signed delivery of the same body', async () => {
    const hook = await SendgridWebhook.create(service);
    await forge(hook, '{"half');
    await flush();
    expect((await hook.postSigned('{"half')).status).toBe(400);
    await forge(hook, '{"half');
    await flush();
    const { data } = (await service.call('GET', `/api/v1/connections/${hook.id}/deliveries`)).body;
    expect(data.map(({ status, occurrences }: any) => [status, occurrences])).toEqual([
      ['rejected', 1],
      ['unauthenticated', 2],
    ]);
  });

  it('in any number leave the database below the cap, and signed ones fast', async () => {
    const hook = await SendgridWebhook.create(service);
    const large = 'x'.repeat(4 * KIB * KIB - 20);
    const latencies: number[] = [];
    const samples = service.app.get(UnauthenticatedSamples);
    const note = samples.note.bind(samples);
    let noting = 0;
    const spy = jest.spyOn(samples, 'note').mockImplementation((request) => {
      const begun = performance.now();
      note(request);
      noting += performance.now() - begun;
    });
    const forging = new AbortController();
    const signed = (async () => {
      while (!forging.signal.aborted) {
        const begun = performance.now();
        expect((await hook.post([vendorEvent('delivered')])).status).toBe(200);
        latencies.push(performance.now() - begun);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const headers = hook.signer.headersFor(Buffer.from('something else'));
    const work = Array.from({ length: FORGED.all }, (_, index) => index);
    const send = async (next: () => number | undefined): Promise<void> => {
      for (let index = next(); index !== undefined; index = next()) {
        const body = index < FORGED.large ? `[${String(index)},"${large}"]` : `[${String(index)}]`;
        expect((await hook.postAs(body, headers)).status).toBe(401);
      }
    };
    // One large body after the other: several would use up the memory of the address, also for signed ones.
    const largeOnes = work.splice(0, FORGED.large);
    const senders = Array.from({ length: 7 }, () => send(() => work.pop()));
    await Promise.all([send(() => largeOnes.pop()), ...senders]);
    forging.abort();
    spy.mockRestore();
    await signed;
    await flush();
    expect(await counted(hook.id)).toBe(FORGED.all);
    const [sizes] = await query(
      `SELECT COUNT(DISTINCT b.id) AS samples, SUM(LENGTH(p.bytes)) AS bytes FROM event_batches AS b
       LEFT JOIN event_bodies AS p ON p.batch = b.id WHERE b.status = 'unauthenticated' AND b.${ofConnection(hook.id)}`,
    );
    expect(Number(sizes.samples)).toBeLessThanOrEqual(20);
    expect(Number(sizes.bytes)).toBeLessThanOrEqual(20 * 65 * KIB);
    expect(noting / FORGED.all).toBeLessThan(2);
    // In the short run, the client and other tests take most of the time.
    const p99 = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0;
    if (process.env['TEST_LONG'] === '1') expect(p99).toBeLessThan(1_000);
  }, 1_800_000);
});
