import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { UnitOfWork } from '@score-crm/connections';
import { UnauthenticatedSamples } from '../../libs/connections/src/webhooks/unauthenticated-samples.ts';
import { createDatabase, DATABASES, ofConnection } from '../support/databases.ts';
import { SendgridWebhook, vendorEvent } from '../support/sendgrid-webhook.ts';
import { TestService } from '../support/service.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const LONG = process.env['TEST_LONG'] === '1';
/** Forged requests, and how many of them are as large as the vendor's webhook accepts, and larger. */
const FORGED = LONG ? { all: 100_000, large: 100, tooLarge: 100 } : { all: 60, large: 1, tooLarge: 1 };
/** Signed requests beside them: 500 events a second in the long run. */
const SIGNED = { events: 10, everyMs: LONG ? 20 : 100 } as const;
/** How many of them may be unanswered, as with a vendor that limits its connections. */
const SIGNED_IN_FLIGHT = 50;

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

  /** Posts signed requests at a fixed rate until it is stopped. */
  function postSigned(hook: SendgridWebhook): {
    readonly stop: () => Promise<{ latencies: number[]; seconds: number }>;
  } {
    const latencies: number[] = [];
    const inFlight = new Set<Promise<void>>();
    const begun = performance.now();
    const post = async (): Promise<void> => {
      const events = Array.from({ length: SIGNED.events }, () => vendorEvent('delivered'));
      const start = performance.now();
      const { status, body } = await hook.post(events);
      expect([status, body.accepted]).toEqual([200, SIGNED.events]);
      latencies.push(performance.now() - start);
    };
    const timer = setInterval(() => {
      // After a pause of the event loop, too, as many as are due.
      while (inFlight.size < SIGNED_IN_FLIGHT) {
        if (latencies.length + inFlight.size >= (performance.now() - begun) / SIGNED.everyMs) break;
        const one: Promise<void> = post().finally(() => inFlight.delete(one));
        inFlight.add(one);
      }
    }, SIGNED.everyMs);
    return {
      stop: async () => {
        clearInterval(timer);
        const seconds = (performance.now() - begun) / 1_000;
        await Promise.all(inFlight);
        return { latencies, seconds };
      },
    };
  }

  it('in any number leave the database below the cap, and signed ones fast', async () => {
    const hook = await SendgridWebhook.create(service);
    const headers = hook.signer.headersFor(Buffer.from('something else'));
    const samples = service.app.get(UnauthenticatedSamples);
    const note = samples.note.bind(samples);
    let noting = 0;
    const spy = jest.spyOn(samples, 'note').mockImplementation((request) => {
      const begun = performance.now();
      note(request);
      noting += performance.now() - begun;
    });
    const signed = postSigned(hook);
    const work = Array.from({ length: FORGED.all - FORGED.large }, (_, index) => index);
    const sendSmall = async (): Promise<void> => {
      for (let index = work.pop(); index !== undefined; index = work.pop()) {
        expect((await hook.postAs(`[${String(index)}]`, headers)).status).toBe(401);
      }
    };
    // One after the other: several would use up the memory of the address, also for signed ones.
    const sendLarge = async (): Promise<void> => {
      const large = 'x'.repeat(4 * MIB - 20);
      for (let index = 0; index < FORGED.large; index++) {
        expect((await hook.postAs(`[${String(index)},"${large}"]`, headers)).status).toBe(401);
      }
      // Refused by its head, while the client is still sending.
      const tooLarge = 'x'.repeat(10 * MIB);
      for (let index = 0; index < FORGED.tooLarge; index++) {
        const status = await hook.postAs(tooLarge, headers).then(
          (answer) => answer.status,
          () => 'closed',
        );
        expect([413, 'closed']).toContain(status);
      }
    };
    await Promise.all([sendLarge(), ...Array.from({ length: 7 }, sendSmall)]);
    const { latencies, seconds } = await signed.stop();
    spy.mockRestore();
    await flush();
    expect(await counted(hook.id)).toBe(FORGED.all);
    const [sizes] = await query(
      `SELECT COUNT(DISTINCT b.id) AS samples, SUM(LENGTH(p.bytes)) AS bytes FROM event_batches AS b
       LEFT JOIN event_bodies AS p ON p.batch = b.id WHERE b.status = 'unauthenticated' AND b.${ofConnection(hook.id)}`,
    );
    expect(Number(sizes.samples)).toBeLessThanOrEqual(20);
    expect(Number(sizes.bytes)).toBeLessThanOrEqual(20 * 65 * KIB);
    const [{ n: stored }] = await query(`SELECT COUNT(*) AS n FROM email_events WHERE ${ofConnection(hook.id)}`);
    expect(Number(stored)).toBe(latencies.length * SIGNED.events);
    // Of the time that forging took.
    expect(noting / seconds / 1_000).toBeLessThan(0.25);
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    if (!LONG) return;
    process.stdout.write(
      `${kind}: ${String(FORGED.all)} forged requests in ${seconds.toFixed(0)} s; signed events a second ` +
        `${(Number(stored) / seconds).toFixed(0)}, median ${String(at(0.5))} ms, p99 ${String(at(0.99))} ms; ` +
        `samples ${String(sizes.samples)}, ${String(sizes.bytes)} bytes\n`,
    );
    // In the short run, the client and other tests take most of the time.
    expect(at(0.99)).toBeLessThan(1_000);
  }, 1_800_000);
});
