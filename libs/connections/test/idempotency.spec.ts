import { setTimeout as delay } from 'node:timers/promises';
import { AdapterError, type AdapterErrorDetails, type EmailEvent, type SendResult } from '@score-crm/adapter-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDatabase, DATABASES } from '../../../test/support/databases.ts';
import { Clock } from '../src/options/clock.ts';
import {
  type BatchOutcome,
  ConnectionsService,
  DatabaseUnavailableError,
  EmailSender,
  EventsService,
  type MessageInput,
  RetentionService,
  type SentMessage,
  SuppressionsService,
  UnitOfWork,
  WebhookIngest,
} from '../src/index.ts';
import { CourierAdapter, COURIERS, TaggerAdapter } from './support/courier-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';
import { spyOnWrites } from './support/writes.ts';

const ADA = 'ada@recipient.example';
const HELLO = {
  to: [{ email: ADA }],
  subject: 'Hello',
  text: 'Hello Ada',
  metadata: { a: '1', b: '2' },
  attachments: [{ filename: 'a.txt', contentType: 'text/plain', content: 'SGVsbG8=' }],
};
const HOUR_MS = 60 * 60 * 1_000;
/** How often the end of something in the background is awaited, each time for 20 ms. */
const PATIENCE = 1_000;

const REFUSED: AdapterErrorDetails = {
  stage: 'connect',
  code: 'connection_refused',
  fault: 'network',
  retryable: true,
  hint: 'Try again.',
};
const INTERRUPTED: AdapterErrorDetails = { ...REFUSED, stage: 'message', code: 'connection_closed' };

let keys = 0;
const newKey = (): string => `key-${String(++keys)}`;

describe.each(DATABASES)('requests with idempotency keys on %s', (kind) => {
  let module: TestModule;
  let other: TestModule;
  let courier: CourierAdapter;
  let id: string;

  beforeAll(async () => {
    const database = await createDatabase(kind);
    module = await TestModule.on(database, { providers: COURIERS });
    other = await TestModule.on(database, { providers: COURIERS });
    courier = module.app.get(CourierAdapter);
    id = await connect();
  });

  afterEach(() => {
    for (const { app, logger } of [module, other]) {
      const adapter = app.get(CourierAdapter);
      adapter.answer = async ({ message }) => adapter.acceptAll(message);
      adapter.calls.length = 0;
      logger.lines.length = 0;
    }
  });

  afterAll(async () => {
    await other.stop();
    await module.end();
  });

  async function connect(vendor = 'courier', details: object = {}): Promise<string> {
    const input = { name: 'Post', vendor, fromEmail: 'news@sender.example', settings: { password: 'open' } };
    return (await module.app.get(ConnectionsService).create(CALLER, { ...input, ...details })).id;
  }

  function send(key: string, message: MessageInput = HELLO, through = id, by = module): Promise<SentMessage> {
    return by.app.get(EmailSender).send(CALLER, through, message, { idempotencyKey: key });
  }

  /** The code of the error that a call fails with. */
  async function codeOf(call: Promise<unknown>): Promise<string> {
    return ((await failureOf(call)) as Error & { code: string }).code;
  }

  const failWith = (details: AdapterErrorDetails) => async (): Promise<SendResult> => {
    throw new AdapterError(details);
  };
  const change = (sql: string) => module.app.get(UnitOfWork).write((tx) => tx.query(sql));
  const stored = () => module.dataSource.query<Row[]>('SELECT * FROM idempotency_keys');

  it('are sent once, however many requests two instances receive at the same time', async () => {
    const key = newKey();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, turn) => send(key, HELLO, id, turn % 2 === 0 ? module : other)),
    );
    const sent = [...courier.calls, ...other.app.get(CourierAdapter).calls];
    expect(sent).toHaveLength(1);
    const results = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.reason : []));
    const first = results.find(({ replayed }) => replayed === undefined);
    expect(new Set(failures.map(({ code }) => code))).toEqual(
      new Set(failures.length === 0 ? [] : ['request_in_progress']),
    );
    for (const by of [module, other]) {
      expect(await send(key, HELLO, id, by)).toEqual({ ...first, replayed: true });
    }
  });

  it('are sent once each when different keys arrive together', async () => {
    const all = Array.from({ length: 60 }, newKey);
    const write = spyOnWrites(module.app.get(UnitOfWork));
    const results = await Promise.all(all.map((key) => send(key)));
    expect(write.mock.calls.length).toBeLessThan(60);
    write.mockRestore();
    expect(courier.calls).toHaveLength(60);
    expect(await Promise.all(all.map((key) => send(key)))).toEqual(
      results.map((result) => ({ ...result, replayed: true })),
    );
    expect(courier.calls).toHaveLength(60);
  });

  it('return a result with rejected recipients again, without storing their addresses', async () => {
    const to = Array.from({ length: 1_000 }, (_, n) => ({ email: `r${String(n)}@recipient.example` }));
    const error = { ...REFUSED, stage: 'recipient', code: 'recipient_rejected', reply: '550 No' } as const;
    courier.answer = async ({ message }) => ({
      messageId: 'parcel',
      accepted: [message.to[7]?.email ?? '', 'renamed@recipient.example'],
      rejected: message.to.slice(8).map(({ email }) => ({ recipient: email, error })),
    });
    const key = newKey();
    const result = await send(key, { ...HELLO, to });
    expect(result.rejected).toHaveLength(992);
    expect(await send(key, { ...HELLO, to })).toEqual({ ...result, replayed: true });
    const addresses = (await stored()).filter(({ result: bytes }) => String(bytes).includes('r9@recipient'));
    expect(addresses).toEqual([]);
    expect((await module.app.get(EventsService).list(CALLER, id)).data.length).toBeGreaterThan(0);
  });

  it('are the same in another order of members and with another form of an attachment', async () => {
    const key = newKey();
    const result = await send(key);
    const { attachments: _base64, ...rest } = HELLO;
    const bytes = [{ content: Buffer.from('Hello'), contentType: 'text/plain', filename: 'a.txt' }];
    const same = { attachments: bytes, ...rest, metadata: { b: '2', a: '1' } };
    expect(await send(key, same)).toEqual({ ...result, replayed: true });
  });

  it('are the same after the default sender of the connection has changed', async () => {
    const own = await connect();
    const key = newKey();
    const result = await send(key, HELLO, own);
    await module.app.get(ConnectionsService).update(CALLER, own, { fromEmail: 'new@sender.example' });
    expect(await send(key, HELLO, own)).toEqual({ ...result, replayed: true });
  });

  it('return the result although the connection has been disabled, and can be sent when it is enabled', async () => {
    const own = await connect();
    const connections = module.app.get(ConnectionsService);
    const [key, later] = [newKey(), newKey()];
    const result = await send(key, HELLO, own);
    await connections.disable(CALLER, own);
    expect(await send(key, HELLO, own)).toEqual({ ...result, replayed: true });
    expect(await codeOf(send(later, HELLO, own))).toBe('connection_disabled');
    await connections.enable(CALLER, own);
    expect((await send(later, HELLO, own)).replayed).toBeUndefined();
  });

  it('return the result although the connection has been deleted, and are otherwise not found', async () => {
    const own = await connect();
    const [key, unknown, later] = [newKey(), newKey(), newKey()];
    const result = await send(key, HELLO, own);
    courier.answer = failWith(INTERRUPTED);
    expect(await codeOf(send(unknown, HELLO, own))).toBe('send_failed');
    await module.app.get(ConnectionsService).delete(CALLER, own);
    courier.calls.length = 0;
    expect(await send(key, HELLO, own)).toEqual({ ...result, replayed: true });
    expect(await send(key, HELLO, own, other)).toEqual({ ...result, replayed: true });
    expect(await codeOf(send(key, { ...HELLO, text: 'Bye' }, own))).toBe('idempotency_key_reused');
    // Not that it was not sent: it would be sent again through another connection.
    expect(await codeOf(send(unknown, HELLO, own))).toBe('outcome_unknown');
    const before = await stored();
    expect(await codeOf(send(later, HELLO, own))).toBe('not_found');
    expect(await stored()).toHaveLength(before.length);
    const outcomes: BatchOutcome[] = [];
    const messages = [{ ...HELLO, idempotencyKey: key }, { ...HELLO, idempotencyKey: later }, HELLO];
    for await (const outcome of module.app.get(EmailSender).sendBatch(CALLER, own, messages)) outcomes.push(outcome);
    expect(outcomes).toMatchObject([
      { ok: true, result: { ...result, replayed: true } },
      { ok: false, error: { code: 'not_found' } },
      { ok: false, error: { code: 'not_found' } },
    ]);
    const stranger = { organization: 'other', actor: 'user:1' };
    const call = module.app.get(EmailSender).send(stranger, own, HELLO, { idempotencyKey: key });
    expect(await codeOf(call)).toBe('not_found');
    expect([...courier.calls, ...other.app.get(CourierAdapter).calls]).toEqual([]);
  });

  it.each<[string, Partial<MessageInput>]>([
    ['text', { text: 'Hello Bob' }],
    ['recipient', { to: [{ email: 'bob@recipient.example' }] }],
    ['sender', { from: { email: 'ceo@sender.example' } }],
    ['attachment', { attachments: [{ filename: 'a.txt', contentType: 'text/plain', content: 'SGVsbG8h' }] }],
    ['time', { sendAt: '2100-01-31T08:00:00Z' }],
  ])('are rejected with a key that was used for another %s', async (_name, part) => {
    const key = newKey();
    await send(key);
    expect(await codeOf(send(key, { ...HELLO, ...part }))).toBe('idempotency_key_reused');
    expect(courier.calls).toHaveLength(1);
  });

  it('are independent of those of other connections and organizations', async () => {
    const key = newKey();
    await send(key);
    expect((await send(key, HELLO, await connect())).replayed).toBeUndefined();
    expect(courier.calls).toHaveLength(2);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(256), 'line\nbreak'])('are rejected with the key %j', async (key) => {
    expect(await failureOf(send(key))).toMatchObject({
      code: 'invalid_query',
      errors: [{ pointer: '/Idempotency-Key', code: 'malformed' }],
    });
    expect(courier.calls).toEqual([]);
  });

  it('can be sent with the same key after certainly nothing was sent', async () => {
    const key = newKey();
    courier.answer = failWith(REFUSED);
    expect(await codeOf(send(key))).toBe('send_failed');
    courier.answer = failWith({ ...INTERRUPTED, code: 'message_rejected', smtpCode: 554 });
    expect(await codeOf(send(key))).toBe('send_failed');
    courier.answer = failWith({ ...INTERRUPTED, code: 'temporarily_unavailable', status: 503 });
    expect(await codeOf(send(key))).toBe('send_failed');
    courier.answer = async ({ message }) => courier.acceptAll(message);
    expect((await send(key, { ...HELLO, text: 'corrected' })).replayed).toBeUndefined();
    expect((await send(key, { ...HELLO, text: 'corrected' })).replayed).toBe(true);
  });

  it('can be sent with the same key after a recipient was suppressed, and return the result although one is now', async () => {
    const suppressions = module.app.get(SuppressionsService);
    const key = newKey();
    const message = { ...HELLO, to: [{ email: 'eve@recipient.example' }] };
    await suppressions.add(CALLER, { address: 'eve@recipient.example' });
    expect(await codeOf(send(key, message))).toBe('recipient_suppressed');
    await suppressions.remove(CALLER, 'eve@recipient.example');
    const result = await send(key, message);
    await suppressions.add(CALLER, { address: 'eve@recipient.example' });
    expect(await send(key, message)).toEqual({ ...result, replayed: true });
  });

  it.each<[string, AdapterErrorDetails]>([
    ['the connection broke', INTERRUPTED],
    ['the vendor did not respond in time', { ...INTERRUPTED, code: 'timeout' }],
    ['a gateway failed', { ...INTERRUPTED, code: 'temporarily_unavailable', status: 502 }],
    ['the response was not the vendor’s', { ...INTERRUPTED, code: 'invalid_response', status: 200 }],
  ])('are never sent again under a key after %s', async (_name, details) => {
    const key = newKey();
    courier.answer = failWith(details);
    expect(await codeOf(send(key))).toBe('send_failed');
    courier.answer = async ({ message }) => courier.acceptAll(message);
    for (const by of [module, other]) expect(await codeOf(send(key, HELLO, id, by))).toBe('outcome_unknown');
    expect(await codeOf(send(key, { ...HELLO, text: 'Other' }))).toBe('idempotency_key_reused');
    expect(courier.calls).toHaveLength(1);
  });

  it('are in progress until their lease ends, then unknown, and known again when they end late', async () => {
    const key = newKey();
    let accept: () => void = () => undefined;
    const called = new Promise<void>((resolve) => {
      courier.answer = async ({ message }) => {
        resolve();
        await new Promise<void>((go) => (accept = go));
        return courier.acceptAll(message);
      };
    });
    const sending = send(key);
    await called;
    try {
      expect(await codeOf(send(key, HELLO, id, other))).toBe('request_in_progress');
      expect(await codeOf(send(key, { ...HELLO, text: 'Other' }))).toBe('idempotency_key_reused');
      await change('UPDATE idempotency_keys SET leased_until = 1 WHERE leased_until > 0');
      expect(await codeOf(send(key, HELLO, id, other))).toBe('outcome_unknown');
    } finally {
      accept();
    }
    const result = await sending;
    expect(await send(key, HELLO, id, other)).toEqual({ ...result, replayed: true });
  });

  it('have a lease that covers sending and storing', async () => {
    courier.answer = async ({ message }) => {
      leases.push(...(await stored()).map(({ leased_until: until }) => Number(until)));
      return courier.acceptAll(message);
    };
    const leases: number[] = [];
    const before = Date.now();
    await send(newKey());
    // The limits of these tests: sendTimeoutMs, and databaseTimeoutMs before and after it. The database is on this machine.
    expect(Math.max(...leases) - before).toBeGreaterThanOrEqual(45_000 + 2 * 60_000);
    expect(Math.max(...leases) - Date.now()).toBeLessThanOrEqual(45_000 + 2 * 60_000 + 5_000);
  });

  it('with an unknown outcome are known to be sent when an event of them has arrived', async () => {
    const tagged = await connect('tagger');
    const tagger = module.app.get(TaggerAdapter);
    const key = newKey();
    tagger.answer = failWith(INTERRUPTED);
    const message = { ...HELLO, to: [{ email: 'bob@recipient.example' }, { email: 'Cy@recipient.example' }] };
    expect(await codeOf(send(key, message, tagged))).toBe('send_failed');
    const metadata = tagger.calls.at(-1)?.message.metadata ?? {};
    const ingest = module.app.get(WebhookIngest);
    const post = async (to: string, vendor: string, messageId: string, own: Record<string, string>): Promise<void> => {
      const event: Omit<EmailEvent, 'occurredAt' | 'raw'> = {
        kind: 'delivered',
        recipient: 'cy@recipient.example',
        messageId,
        metadata: own,
      };
      const body = Buffer.from(JSON.stringify([event]));
      await ingest.receive(await ingest.find(vendor, to), { headers: {}, query: {}, body });
    };
    // Of another message, and of another connection whose vendor repeats these ids.
    await post(tagged, 'tagger', 'parcel-8', { ...metadata, score_message_id: '0199d3c8-7a00-7000-8000-000000000000' });
    await post(id, 'courier', 'parcel-9', metadata);
    expect(await codeOf(send(key, message, tagged))).toBe('outcome_unknown');
    await post(tagged, 'tagger', 'parcel-9', metadata);
    const accepted = message.to.map(({ email }) => email);
    const found = { messageId: 'parcel-9', accepted, rejected: [], replayed: true };
    expect(await send(key, message, tagged)).toEqual(found);
    // It is stored: the search is over.
    const list = jest.spyOn(EventsService.prototype, 'listOf');
    expect(await send(key, message, tagged)).toEqual(found);
    expect(list).not.toHaveBeenCalled();
    list.mockRestore();
  });

  it('are not sent while the database cannot store their keys, and can be sent afterwards', async () => {
    const key = newKey();
    const write = spyOnWrites(module.app.get(UnitOfWork));
    write.mockImplementation(() => Promise.reject(new DatabaseUnavailableError(undefined)));
    expect(await codeOf(send(key))).toBe('database_unavailable');
    expect(courier.calls).toEqual([]);
    write.mockRestore();
    expect((await send(key)).accepted).toEqual([ADA]);
  });

  it('release a key whose commit was reported as failed but was stored', async () => {
    const key = newKey();
    const unitOfWork = module.app.get(UnitOfWork);
    const write = spyOnWrites(unitOfWork);
    const real = UnitOfWork.prototype['store'].bind(unitOfWork);
    let isFirst = true;
    write.mockImplementation(async (work, options) => {
      const result = await real(work, options);
      if (options.lane !== 'ingest' || !isFirst) return result;
      isFirst = false;
      throw new DatabaseUnavailableError(undefined);
    });
    expect(await codeOf(send(key))).toBe('database_unavailable');
    expect(await codeOf(send(key))).toBe('request_in_progress');
    write.mockRestore();
    // It is released in the background, a second later.
    const isReserved = async () => (await stored()).some(({ leased_until: until }) => Number(until) > 0);
    for (let turn = 0; turn < PATIENCE && (await isReserved()); turn++) await delay(20);
    expect((await send(key)).accepted).toEqual([ADA]);
    expect(courier.calls).toHaveLength(1);
  });

  it('are accepted although their events cannot be stored yet, and the key ends when they can', async () => {
    const key = newKey();
    const write = spyOnWrites(module.app.get(UnitOfWork));
    courier.answer = async ({ message }) => {
      write.mockImplementation(() => Promise.reject(new DatabaseUnavailableError(undefined)));
      return courier.acceptAll(message);
    };
    const result = await send(key);
    expect(result.accepted).toEqual([ADA]);
    write.mockRestore();
    expect(await codeOf(send(key))).toBe('request_in_progress');
    let repeated: SentMessage | undefined;
    for (let turn = 0; turn < PATIENCE && repeated === undefined; turn++) {
      await delay(20);
      repeated = await send(key).catch(() => undefined);
    }
    expect(repeated).toEqual({ ...result, replayed: true });
    expect(courier.calls).toHaveLength(1);
  });

  it('store their events and their result in one transaction', async () => {
    const own = await connect();
    const key = newKey();
    courier.answer = async ({ message }) => {
      await change('ALTER TABLE idempotency_keys RENAME TO hidden_keys');
      return courier.acceptAll(message);
    };
    await send(key, HELLO, own);
    await change('ALTER TABLE hidden_keys RENAME TO idempotency_keys');
    expect((await module.app.get(EventsService).list(CALLER, own)).data).toEqual([]);
    // Nest has one logger: that of the application that was started last.
    expect(other.logger.errors).toEqual([expect.stringContaining('could not be stored')]);
  });

  it('have no key while they wait for the limits of their connection', async () => {
    const own = await connect('courier', { limits: { perMinute: 1 } });
    const clock = module.app.get(Clock);
    const reservedKeys = async () => (await stored()).filter(({ leased_until: until }) => Number(until) > 0).length;
    // Those of other tests.
    const before = await reservedKeys();
    let aheadMs = 0;
    const reserved: number[] = [];
    const now = jest.spyOn(clock, 'now').mockImplementation(() => new Date(Date.now() + aheadMs));
    const wait = jest.spyOn(clock, 'wait').mockImplementation(async (ms) => {
      aheadMs += ms;
      reserved.push(await reservedKeys());
      return true;
    });
    const [one, two, three] = [newKey(), newKey(), newKey()];
    const batch = [one, two, one, three].map((idempotencyKey) => ({ ...HELLO, idempotencyKey }));
    const outcomes: BatchOutcome[] = [];
    const sending = module.app.get(EmailSender).sendBatch(CALLER, own, batch, { concurrency: 1 });
    for await (const outcome of sending) outcomes.push(outcome);
    now.mockRestore();
    wait.mockRestore();
    expect(outcomes.map((outcome) => outcome.ok && outcome.result.replayed)).toEqual([
      undefined,
      undefined,
      true,
      undefined,
    ]);
    expect(courier.calls).toHaveLength(3);
    expect(reserved).toEqual([before, before]);
  });

  it('have keys that are kept for 24 hours and deleted within the hours after', async () => {
    const key = newKey();
    await send(key);
    const retention = module.app.get(RetentionService);
    await retention.prune({ now: new Date(Date.now() + 24 * HOUR_MS) });
    expect((await send(key)).replayed).toBe(true);
    await retention.prune({ now: new Date(Date.now() + 26 * HOUR_MS) });
    expect(await stored()).toEqual([]);
    expect((await send(key)).replayed).toBeUndefined();
  });

  it('of which several create a connection together create one', async () => {
    const input = { name: 'Setup', vendor: 'courier', settings: { password: 'open' } };
    const key = newKey();
    const created = await Promise.all(
      Array.from({ length: 8 }, async (_, turn) => {
        const service = (turn % 2 === 0 ? module : other).app.get(ConnectionsService);
        return service.create(CALLER, input, { idempotencyKey: key });
      }),
    );
    expect(new Set(created.map((connection) => connection.id)).size).toBe(1);
    expect(created.filter(({ replayed }) => replayed === undefined)).toHaveLength(1);
    const rows = await module.rows('connections');
    expect(rows.filter(({ name }) => name === 'Setup')).toHaveLength(1);
  });
});
