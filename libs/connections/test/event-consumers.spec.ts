import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import {
  ConnectionsService,
  type ConsumerState,
  ConsumersService,
  ConsumerUnavailableError,
  type EventConsumer,
  EventConsumers,
  EventFeed,
  type FeedEvent,
  OnEmailEvent,
  ProjectionNotMovableError,
  SuppressionsService,
  type Transaction,
  WebhookIngest,
} from '../src/index.ts';
import { COURIERS } from './support/courier-vendor.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const RETRY = { attempts: 2, firstDelayMs: 1 };

@Injectable()
class Campaigns {
  readonly received: string[] = [];

  @OnEmailEvent(['bounced', 'complained'], { name: 'campaigns', batchSize: 2, start: 'beginning' })
  async update(events: readonly FeedEvent[]): Promise<void> {
    this.received.push(...events.map(({ kind, recipient }) => `${kind} ${String(recipient)}`));
  }
}

describe.each(DATABASES)('consumers on %s', (kind) => {
  let module: TestModule;
  let second: TestModule;
  let id: string;
  let letter = 0;

  beforeAll(async () => {
    const providers = [...COURIERS, Campaigns];
    module = await TestModule.start(kind, { providers });
    second = await TestModule.on(module.database, { providers });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    ({ id } = await module.app.get(ConnectionsService).create(CALLER, input));
  });

  afterAll(async () => {
    await second.stop();
    await module.end();
  });

  /** @returns the recipients of new events */
  async function post(count: number, eventKind = 'delivered'): Promise<string[]> {
    const recipients = Array.from({ length: count }, () => `${String(letter++)}@r.example`);
    const body = Buffer.from(JSON.stringify(recipients.map((recipient) => ({ kind: eventKind, recipient }))));
    const ingest = module.app.get(WebhookIngest);
    await ingest.receive(await ingest.find('courier', id), { headers: {}, query: {}, body });
    return recipients;
  }

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isTrue())) await delay(5);
  }

  async function state(name: string): Promise<ConsumerState | undefined> {
    return (await module.app.get(ConsumersService).list()).find((consumer) => consumer.name === name);
  }

  /** Adds it, and waits until it is known, so that it gets what is posted from now on. */
  async function add(
    consumer: Partial<EventConsumer> & Pick<EventConsumer, 'name' | 'handle'>,
    to = module,
  ): Promise<void> {
    to.app.get(EventConsumers).add({ type: 'subscriber', batchSize: 3, retry: RETRY, ...consumer });
    await until(async () => (await state(consumer.name)) !== undefined);
  }

  it('hands the events of its kinds to a method with @OnEmailEvent, in one of two instances', async () => {
    const bounced = await post(3, 'bounced');
    await post(1);
    const complained = await post(1, 'complained');
    const received = () => [module, second].flatMap(({ app }) => app.get(Campaigns).received);
    await until(() => received().length >= 4);
    expect(received()).toEqual([...bounced.map((name) => `bounced ${name}`), `complained ${String(complained[0])}`]);
    expect(await state('subscriber:campaigns')).toMatchObject({ type: 'subscriber', paused: false, deadLetters: 0 });
  });

  it('keeps an event that fails alone as a dead letter, hands over the others, and replays it', async () => {
    const received: string[] = [];
    let poison: string | undefined;
    await add({
      name: 'fragile',
      handle: async (events) => {
        if (events.some(({ recipient }) => recipient === poison)) throw new Error('cannot be processed');
        received.push(...events.map(({ recipient }) => String(recipient)));
      },
    });
    poison = `${String(letter + 1)}@r.example`;
    const [first = '', failing = '', ...rest] = await post(5);
    await until(() => received.length >= 4);
    expect(received).toEqual([first, ...rest]);
    const consumers = module.app.get(ConsumersService);
    await until(async () => (await state('fragile'))?.lag === 0);
    expect(await state('fragile')).toMatchObject({ deadLetters: 1, lastError: 'cannot be processed', failures: 0 });
    const [deadLetter] = await consumers.listDeadLetters('fragile');
    expect(deadLetter).toMatchObject({ reason: 'cannot be processed', attempts: 2 });
    expect(await consumers.replay('fragile', String(deadLetter?.id))).toBe('cannot be processed');
    poison = undefined;
    expect(await consumers.replay('fragile', String(deadLetter?.id))).toBeNull();
    expect(received).toEqual([first, ...rest, failing]);
    expect(await consumers.listDeadLetters('fragile')).toEqual([]);
    await module.app.get(EventConsumers).remove('fragile');
  });

  it('makes no dead letters while what a consumer depends on is unavailable', async () => {
    const received: string[] = [];
    let failures = 4;
    await add({
      name: 'remote',
      handle: async (events) => {
        if (failures-- > 0) throw new ConsumerUnavailableError('not connected');
        received.push(...events.map(({ recipient }) => String(recipient)));
      },
    });
    const sent = await post(3);
    await until(() => received.length >= 3);
    expect(received).toEqual(sent);
    expect(await state('remote')).toMatchObject({ deadLetters: 0, lastError: 'not connected' });
    await module.app.get(EventConsumers).remove('remote');
  });

  it('continues in another instance where one has stopped, and repeats only what was not confirmed', async () => {
    const received: string[] = [];
    const handle =
      (name: string): EventConsumer['handle'] =>
      async (events) => {
        received.push(...events.map(({ recipient }) => `${name} ${String(recipient)}`));
      };
    await add({ name: 'moving', handle: handle('first') });
    await add({ name: 'moving', handle: handle('second') }, second);
    const before = await post(3);
    await until(() => received.length >= 3);
    const runner = received[0]?.split(' ')[0] === 'first' ? module : second;
    await runner.app.get(EventConsumers).remove('moving');
    const after = await post(2);
    await until(() => received.length >= 5);
    expect(received.map((text) => text.split(' ')[1])).toEqual([...before, ...after]);
    expect(new Set(received.map((text) => text.split(' ')[0])).size).toBe(2);
    for (const { app } of [module, second]) await app.get(EventConsumers).remove('moving');
  });

  it('can be paused, resumed and moved', async () => {
    const consumers = module.app.get(ConsumersService);
    const received: string[] = [];
    await add({
      name: 'movable',
      handle: async (events) => {
        received.push(...events.map(({ recipient }) => String(recipient)));
      },
    });
    const early = await post(2);
    await until(() => received.length >= 2);
    // Its position is stored after the batch.
    await until(async () => (await state('movable'))?.lag === 0);
    const position = (await state('movable'))?.position;
    await consumers.pause('movable');
    const late = await post(2);
    await until(async () => (await state('movable'))?.lag === 1);
    expect(received).toEqual(early);
    await consumers.resume('movable');
    await until(async () => received.length >= 4 && (await state('movable'))?.lag === 0);
    expect(received).toEqual([...early, ...late]);
    await consumers.seek('movable', position ?? 'end');
    await until(() => received.length >= 6);
    expect(received).toEqual([...early, ...late, ...late]);
    await expect(consumers.pause('nobody')).rejects.toThrow('Consumer not found');
    await module.app.get(EventConsumers).remove('movable');
  });

  it('applies each event to a projection once, although applying it fails in between', async () => {
    let applied = 0;
    await module.dataSource.query('CREATE TABLE seen (id BIGINT)');
    module.app.get(EventConsumers).add({
      name: 'seen',
      apply: async (tx: Transaction, rows) => {
        for (const { row } of rows) await tx.query(`INSERT INTO seen (id) VALUES (${String(row.id)})`);
        if (applied++ === 0) throw new Error('crashed after writing');
      },
    });
    await post(4);
    const ids = async (table: string): Promise<number[]> => {
      const rows: { id: number | string }[] = await module.dataSource.query(`SELECT id FROM ${table} ORDER BY id`);
      return rows.map((row) => Number(row.id));
    };
    await until(async () => (await ids('seen')).length === (await ids('email_events')).length);
    expect(await ids('seen')).toEqual(await ids('email_events'));
    expect(applied).toBeGreaterThan(1);
    expect(await state('seen')).toMatchObject({ failures: 0, lastError: 'crashed after writing' });
    await expect(module.app.get(ConsumersService).seek('seen', 'beginning')).rejects.toThrow(ProjectionNotMovableError);
    await module.app.get(EventConsumers).remove('seen');
  });

  it('hands nothing over once the instance stops, so that a stop does not wait for it', async () => {
    const consumers = module.app.get(EventConsumers);
    const feed = module.app.get(EventFeed);
    const read = feed.events.bind(feed);
    let stopped: Promise<void> | undefined;
    let calls = 0;
    await add({
      name: 'late',
      handle: async () => {
        calls++;
        return new Promise(() => undefined);
      },
    });
    jest.spyOn(feed, 'events').mockImplementation(async (query, options) => {
      if (options?.turn === 'late') stopped ??= consumers.remove('late');
      return read(query, options);
    });
    await post(1);
    await until(() => stopped !== undefined);
    await stopped;
    jest.restoreAllMocks();
    expect(calls).toBe(0);
  });

  it('rejects two consumers with one name, and a name that is not plain', () => {
    const consumers = module.app.get(EventConsumers);
    const handle = async (): Promise<void> => undefined;
    expect(() => consumers.add({ name: 'subscriber:campaigns', type: 'subscriber', batchSize: 1, handle })).toThrow(
      'Two consumers are named "subscriber:campaigns".',
    );
    expect(() => consumers.add({ name: 'two words', type: 'subscriber', batchSize: 1, handle })).toThrow(
      '"two words" cannot name a consumer.',
    );
  });
});

describe.each(DATABASES)('work in the background on %s', (kind) => {
  it('is that of other processes with none, and keeps the feed and the projections complete with projections', async () => {
    const providers = [...COURIERS, Campaigns];
    const command = await TestModule.start(kind, { providers, backgroundWork: 'none' });
    const input = { name: 'Post', vendor: 'courier', settings: { password: 'open' } };
    const { id } = await command.app.get(ConnectionsService).create(CALLER, input);
    const ingest = command.app.get(WebhookIngest);
    const body = Buffer.from(JSON.stringify([{ kind: 'complained', recipient: 'a@r.example' }]));
    await ingest.receive(await ingest.find('courier', id), { headers: {}, query: {}, body });
    const consumers = async (): Promise<string[]> =>
      (await command.app.get(ConsumersService).list()).map(({ name }) => name).toSorted();
    const pending = async (): Promise<unknown> =>
      (await command.dataSource.query('SELECT COUNT(*) AS count FROM feed_pending'))[0].count;
    expect(Number(await pending())).toBe(1);

    const projecting = await TestModule.on(command.database, { providers, backgroundWork: 'projections' });
    while (!(await isSuppressed(projecting))) await delay(5);
    expect(Number(await pending())).toBe(0);
    expect(await consumers()).toEqual(['counts', 'suppression']);
    await projecting.stop();

    const service = await TestModule.on(command.database, { providers });
    while (service.app.get(Campaigns).received.length === 0) await delay(5);
    expect(service.app.get(Campaigns).received).toEqual(['complained a@r.example']);
    await service.stop();
    for (const { app } of [command, projecting]) expect(app.get(Campaigns).received).toEqual([]);
    await command.end();
  });

  async function isSuppressed({ app }: TestModule): Promise<boolean> {
    const { data } = await app.get(SuppressionsService).list(CALLER, {});
    return data.length > 0;
  }
});
