import { setImmediate as turn } from 'node:timers/promises';
import { AdapterError, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ANY_DATABASE } from '../../../test/support/databases.ts';
import {
  type BatchOutcome,
  ConnectionNotFoundError,
  ConnectionsService,
  EmailSender,
  EventsService,
  InvalidInputError,
  type MessageInput,
  type SendBatchOptions,
  SendFailedError,
  type SendingLimits,
  SendingLimitExceededError,
} from '../src/index.ts';
import { Clock } from '../src/options/clock.ts';
import { messageBytes } from '../src/sending/batch-input.ts';
import { chunksOf, inOrder, type InOrderOptions } from '../src/sending/in-order.ts';
import { CourierAdapter, COURIERS, ShipperAdapter } from './support/courier-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, type Row, TestModule } from './support/test-module.ts';

async function turns(count = 20): Promise<void> {
  for (let one = 0; one < count; one++) await turn();
}

/** Work that a test finishes, item by item. */
class ManualWork {
  readonly started: number[] = [];
  private readonly finishing = new Map<number, () => void>();

  readonly work = (item: number): Promise<number> => {
    this.started.push(item);
    return new Promise((resolve) => this.finishing.set(item, () => resolve(item * 10)));
  };

  finish(...items: readonly number[]): void {
    for (const item of items) this.finishing.get(item)?.();
  }
}

describe('working in order', () => {
  const OPTIONS: InOrderOptions<number> = { concurrency: 3, items: 5, bytes: 1_000, sizeOf: () => 1 };

  /** The numbers from 0, and how many were read. */
  function numbers(count: number): { source: Iterable<number>; read: () => number } {
    let read = 0;
    const source = (function* () {
      for (; read < count;) yield read++;
    })();
    return { source, read: () => read };
  }

  /** Reads all results in the background. */
  function collect<T>(results: AsyncIterable<T>): { readonly results: T[]; readonly end: Promise<void> } {
    const found: T[] = [];
    const end = (async () => {
      for await (const result of results) found.push(result);
    })();
    end.catch(() => undefined);
    return { results: found, end };
  }

  it('yields results in the order of the source', async () => {
    const work = async (item: number): Promise<number> => {
      await turns(Math.floor(Math.random() * 5));
      return item;
    };
    const { results, end } = collect(inOrder(numbers(200).source, work, OPTIONS));
    await end;
    expect(results).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('works on as many items as allowed, and reads no more than there is room for', async () => {
    const manual = new ManualWork();
    const { source, read } = numbers(100);
    const { results } = collect(inOrder(source, manual.work, OPTIONS));
    await turns();
    expect([manual.started, read()]).toEqual([[0, 1, 2], 3]);
    manual.finish(1, 2);
    await turns();
    // Two results wait for the first one.
    expect([manual.started, read(), results]).toEqual([[0, 1, 2, 3, 4], 5, []]);
    manual.finish(3, 4);
    await turns();
    expect(read()).toBe(5);
    manual.finish(0);
    await turns();
    expect([results, manual.started]).toEqual([
      [0, 10, 20, 30, 40],
      [0, 1, 2, 3, 4, 5, 6, 7],
    ]);
  });

  it('limits the bytes of the items, but accepts a single one of any size', async () => {
    const manual = new ManualWork();
    collect(inOrder([600, 601, 5_000, 1], manual.work, { ...OPTIONS, sizeOf: (item) => item }));
    await turns();
    expect(manual.started).toEqual([600, 601]);
    manual.finish(600, 601);
    await turns();
    expect(manual.started).toEqual([600, 601, 5_000]);
  });

  it('stops reading while the caller does not read', async () => {
    const { source, read } = numbers(100);
    const results = inOrder(source, async (item) => item, OPTIONS);
    await results.next();
    await turns();
    expect(read()).toBeLessThanOrEqual(OPTIONS.items + 1);
    await results.return(undefined);
  });

  it('yields what is ready while the source is waiting', async () => {
    const waiting = (async function* () {
      yield 1;
      await new Promise(() => undefined);
    })();
    const results = inOrder(waiting, async (item) => item, OPTIONS);
    expect(await results.next()).toEqual({ done: false, value: 1 });
  });

  it.each(['while the source is waiting', 'while items are worked on'])(
    'ends with the reason of the signal, %s',
    async (when) => {
      const manual = new ManualWork();
      const control = new AbortController();
      const { source, read } = numbers(when === 'while the source is waiting' ? 2 : 100);
      const waiting = (async function* () {
        yield* source;
        await new Promise(() => undefined);
      })();
      const { results, end } = collect(inOrder(waiting, manual.work, { ...OPTIONS, signal: control.signal }));
      await turns();
      const started = [...manual.started];
      control.abort(new Error('Paused.'));
      manual.finish(...started);
      await expect(end).rejects.toThrow('Paused.');
      expect(results).toEqual(started.map((item) => item * 10));
      expect(manual.started).toEqual(started);
      expect(read()).toBeLessThanOrEqual(started.length + 1);
    },
  );

  it('ends with the error of the source, after the results of the items before it', async () => {
    const failing = (async function* () {
      yield* [1, 2];
      throw new Error('The list broke off.');
    })();
    const { results, end } = collect(inOrder(failing, async (item) => item, OPTIONS));
    await expect(end).rejects.toThrow('The list broke off.');
    expect(results).toEqual([1, 2]);
  });

  it('finishes what was started and closes the source when the caller stops', async () => {
    const manual = new ManualWork();
    let isClosed = false;
    const source = (async function* () {
      try {
        for (let item = 0; ; item++) yield item;
      } finally {
        isClosed = true;
      }
    })();
    const results = inOrder(source, manual.work, OPTIONS);
    const first = results.next();
    await turns();
    manual.finish(0);
    await first;
    let isOver = false;
    const end = results.return(undefined).then(() => {
      isOver = true;
    });
    await turns();
    expect([isOver, isClosed]).toEqual([false, true]);
    manual.finish(...manual.started);
    await end;
  });
});

describe('dividing into chunks', () => {
  const ROOM = { items: 3, bytes: 1_000, sizeOf: (item: number) => item };

  async function chunks(source: Iterable<number> | AsyncIterable<number>): Promise<(readonly number[])[]> {
    const found: (readonly number[])[] = [];
    for await (const chunk of chunksOf(source, ROOM)) found.push(chunk);
    return found;
  }

  it('fills them, within the limits of items and bytes', async () => {
    expect(await chunks([1, 2, 3, 4, 5])).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(await chunks([600, 600, 1, 2_000, 1])).toEqual([[600, 600], [1, 2_000], [1]]);
    expect(await chunks([])).toEqual([]);
  });

  it('does not wait for what may come', async () => {
    const source = (async function* () {
      yield* [1, 2];
      await turns(5);
      yield* [3, 4, 5, 6];
    })();
    expect(await chunks(source)).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('passes on what was read before the source failed, and closes a source that is not needed', async () => {
    let isClosed = false;
    const source = (async function* () {
      try {
        yield* [1, 2, 3, 4];
        throw new Error('The list broke off.');
      } finally {
        isClosed = true;
      }
    })();
    const found: (readonly number[])[] = [];
    const all = (async () => {
      for await (const chunk of chunksOf(source, ROOM)) found.push(chunk);
    })();
    await expect(all).rejects.toThrow('The list broke off.');
    expect(found).toEqual([[1, 2, 3], [4]]);
    isClosed = false;
    const endless = (function* () {
      try {
        for (;;) yield 1;
      } finally {
        isClosed = true;
      }
    })();
    for await (const _chunk of chunksOf(endless, ROOM)) break;
    expect(isClosed).toBe(true);
  });
});

describe('the size of a message', () => {
  it('is that of its contents, and of anything else 0', () => {
    const message = {
      to: [],
      subject: '',
      text: 'four',
      html: '<b>',
      attachments: [
        { filename: 'a', contentType: 'text/plain', content: Buffer.alloc(100) },
        { filename: 'b', contentType: 'text/plain', content: 'AAAA' },
      ],
    };
    expect(messageBytes(message)).toBe(111);
    for (const other of [null, undefined, 7, 'text', [], { attachments: [null, 5, {}], text: {} }]) {
      expect(messageBytes(other as unknown as MessageInput)).toBe(0);
    }
  });
});

describe.each(ANY_DATABASE)('a batch on %s', (kind) => {
  let module: TestModule;
  let sender: EmailSender;
  let courier: CourierAdapter;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS });
    sender = module.app.get(EmailSender);
    courier = module.app.get(CourierAdapter);
  });

  afterEach(() => {
    courier.answer = async ({ message }) => courier.acceptAll(message);
    jest.restoreAllMocks();
  });

  afterAll(() => module.end());

  async function connect(limits: SendingLimits | null = null, vendor = 'courier'): Promise<string> {
    const input = { name: 'Post', vendor, fromEmail: 'news@sender.example', settings: { password: 'open' } };
    return (await module.app.get(ConnectionsService).create(CALLER, { ...input, limits })).id;
  }

  function to(name: string): MessageInput {
    return { to: [{ email: `${name}@recipient.example` }], subject: 'Hello', text: `Hello ${name}` };
  }

  const list = (count: number): MessageInput[] => Array.from({ length: count }, (_, index) => to(`r${String(index)}`));

  async function outcomesOf(
    id: string,
    messages: Iterable<MessageInput> | AsyncIterable<MessageInput>,
    options?: SendBatchOptions,
  ): Promise<BatchOutcome[]> {
    const outcomes: BatchOutcome[] = [];
    for await (const outcome of sender.sendBatch(CALLER, id, messages, options)) outcomes.push(outcome);
    return outcomes;
  }

  it('has an outcome for each message, in their order, and events of those that were sent', async () => {
    const id = await connect();
    courier.answer = async ({ message }) => {
      await turns(Math.floor(Math.random() * 10));
      if (message.text?.includes('dead') === true) {
        const details = {
          stage: 'recipient',
          code: 'recipient_rejected',
          fault: 'recipient',
          retryable: false,
        } as const;
        throw new AdapterError({ ...details, hint: 'Check the address.' });
      }
      return { ...courier.acceptAll(message), messageId: `id of ${message.to[0]?.email ?? ''}` };
    };
    const messages = list(60);
    messages[7] = to('dead');
    messages[9] = Object.assign(to('x'), { subject: 5 as unknown as string });
    messages[11] = null as unknown as MessageInput;
    const outcomes = await outcomesOf(id, messages);
    expect(outcomes.map(({ index }) => index)).toEqual(messages.map((_, index) => index));
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [[outcome.index, outcome.error.constructor]]))).toEqual([
      [7, SendFailedError],
      [9, InvalidInputError],
      [11, InvalidInputError],
    ]);
    expect(outcomes[20]).toMatchObject({ ok: true, result: { messageId: 'id of r20@recipient.example' } });
    const { data } = await module.app.get(EventsService).list(CALLER, id, { limit: 100 });
    expect(data).toHaveLength(57);
  });

  it('sends as many messages at the same time as it may, and not more than the connection', async () => {
    let [running, most] = [0, 0];
    courier.answer = async ({ message }) => {
      most = Math.max(most, ++running);
      await turns(3);
      running--;
      return courier.acceptAll(message);
    };
    await outcomesOf(await connect(), list(40), { concurrency: 4 });
    expect(most).toBe(4);
    most = 0;
    const outcomes = await outcomesOf(await connect({ concurrency: 2 }), list(20), { concurrency: 4 });
    expect([most, outcomes.every(({ ok }) => ok)]).toEqual([2, true]);
    expect(await failureOf(outcomesOf(await connect(), [], { concurrency: 0 }))).toBeInstanceOf(RangeError);
    expect(await failureOf(outcomesOf(await connect(), [], { concurrency: 101 }))).toBeInstanceOf(RangeError);
  });

  it('reads nothing of a connection that does not exist', async () => {
    let isRead = false;
    const source = (function* () {
      isRead = true;
      yield to('ada');
    })();
    expect(await failureOf(outcomesOf('0199d3c8-7a00-7000-8000-000000000000', source))).toBeInstanceOf(
      ConnectionNotFoundError,
    );
    expect(isRead).toBe(false);
  });

  describe('with limits', () => {
    let now: number;
    const waits: number[] = [];

    function freeze(): Clock {
      now = new Date('2026-12-02T12:00:00Z').getTime();
      waits.length = 0;
      const clock = module.app.get(Clock);
      jest.spyOn(clock, 'now').mockImplementation(() => new Date(now));
      return clock;
    }

    it('waits for those per second and minute', async () => {
      const clock = freeze();
      jest.spyOn(clock, 'wait').mockImplementation(async (ms) => {
        waits.push(ms);
        await turns(3);
        now = Math.max(now, Math.ceil((now + 1) / 1_000) * 1_000);
        return true;
      });
      const outcomes = await outcomesOf(await connect({ perSecond: 3, perMinute: 8 }), list(20), { concurrency: 5 });
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(20);
      expect(now).toBeGreaterThanOrEqual(new Date('2026-12-02T12:02:00Z').getTime());
      expect(Math.max(...waits)).toBeGreaterThan(1_000);
    });

    it('reports what the limit of a day refuses', async () => {
      const clock = freeze();
      jest.spyOn(clock, 'wait').mockImplementation(() => Promise.reject(new Error('It must not wait.')));
      const outcomes = await outcomesOf(await connect({ perDay: 6 }), list(10));
      expect(outcomes.map(({ ok }) => ok)).toEqual([...Array(6).fill(true), ...Array(4).fill(false)]);
      expect((outcomes[9] as { error: Error }).error).toMatchObject({ limit: 'perDay', retryAfterMs: 12 * 3_600_000 });
    });

    it('stops waiting when it is aborted', async () => {
      freeze();
      const control = new AbortController();
      const outcomes: BatchOutcome[] = [];
      const options = { signal: control.signal, concurrency: 2 };
      const batch = sender.sendBatch(CALLER, await connect({ perMinute: 3 }), list(20), options);
      const end = (async () => {
        for await (const outcome of batch) {
          outcomes.push(outcome);
          if (outcomes.length === 3) control.abort(new Error('Paused.'));
        }
      })();
      await expect(end).rejects.toThrow('Paused.');
      expect(outcomes.slice(0, 3).every(({ ok }) => ok)).toBe(true);
      for (const outcome of outcomes.slice(3)) {
        expect((outcome as { error: Error }).error).toBeInstanceOf(SendingLimitExceededError);
      }
      expect(outcomes.length).toBeLessThan(10);
    });
  });

  describe('of a vendor that accepts several messages together', () => {
    let shipper: ShipperAdapter;

    beforeAll(() => {
      shipper = module.app.get(ShipperAdapter);
    });

    afterEach(() => {
      shipper.batches.length = 0;
      shipper.calls.length = 0;
      shipper.answerBatch = async (messages) => messages.map((message) => ({ result: shipper.acceptAll(message) }));
      shipper.batchKey = ({ text = '' }) => text;
    });

    const equal = (count: number): MessageInput[] =>
      Array.from({ length: count }, (_, index) => Object.assign(to(`r${String(index)}`), { text: 'The same' }));

    it('passes them together, each with its own id', async () => {
      const id = await connect(null, 'shipper');
      const outcomes = await outcomesOf(id, equal(12));
      expect(shipper.batches.map(({ length }) => length)).toEqual([5, 5, 2]);
      expect(shipper.calls).toEqual([]);
      expect(outcomes.map((outcome) => outcome.ok && outcome.result.accepted)).toEqual(
        Array.from({ length: 12 }, (_, index) => [`r${String(index)}@recipient.example`]),
      );
      const { data } = await module.app.get(EventsService).list(CALLER, id, { limit: 100 });
      const ids = (metadata: Readonly<Record<string, string>> | undefined): string =>
        metadata?.['score_message_id'] ?? '';
      const sent = shipper.batches.flat().map(({ to: [recipient], metadata }) => [recipient?.email, ids(metadata)]);
      expect(new Map(data.map(({ recipient, metadata }) => [recipient, ids(metadata)]))).toEqual(
        new Map(sent as never),
      );
      expect(new Set(sent.map(([, own]) => own)).size).toBe(12);
    });

    it('divides them where they differ, and sends a single one as always', async () => {
      const id = await connect(null, 'shipper');
      const [first, second] = equal(4) as [MessageInput, MessageInput];
      const outcomes = await outcomesOf(id, [first, to('ada'), { to: [] } as unknown as MessageInput, second]);
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, false, true]);
      expect(shipper.batches.map(({ length }) => length)).toEqual([2]);
      expect(shipper.calls.map(({ message }) => message.text)).toEqual(['Hello ada']);
    });

    it('sends those that share no call at their turn, and begins nothing for them before', async () => {
      const id = await connect(null, 'shipper');
      const keys = () => module.dataSource.query<Row[]>('SELECT attempt FROM idempotency_keys');
      const before = (await keys()).length;
      let [running, most, reserved] = [0, 0, 0];
      const aborted = new AbortController();
      shipper.answer = async ({ message }) => {
        most = Math.max(most, ++running);
        await turns(3);
        reserved = Math.max(reserved, (await keys()).length - before - shipper.calls.length + running);
        if (shipper.calls.length === 8) aborted.abort(new Error('Paused.'));
        running--;
        return shipper.acceptAll(message);
      };
      const messages = list(20).map((message, index) =>
        Object.assign(message, { idempotencyKey: `alone-${String(index)}` }),
      );
      const outcomes: BatchOutcome[] = [];
      const end = (async () => {
        const batch = sender.sendBatch(CALLER, id, messages, { concurrency: 2, signal: aborted.signal });
        for await (const outcome of batch) outcomes.push(outcome);
      })();
      await expect(end).rejects.toThrow('Paused.');
      expect([most, reserved]).toEqual([2, 2]);
      expect(shipper.batches).toEqual([]);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(shipper.calls.length);
      for (const outcome of outcomes) {
        if (!outcome.ok) expect(outcome.error).toBeInstanceOf(SendingLimitExceededError);
      }
      expect(shipper.calls.length).toBeLessThan(12);
      expect((await keys()).length - before).toBe(shipper.calls.length);
    });

    it('has a result of its own for each of them', async () => {
      const details = { stage: 'recipient', code: 'recipient_rejected', fault: 'recipient', retryable: false } as const;
      shipper.answerBatch = async (messages) =>
        messages.map((message, index) =>
          index === 1 ? { error: { ...details, hint: 'Not open!' } } : { result: shipper.acceptAll(message) },
        );
      const outcomes = await outcomesOf(await connect(null, 'shipper'), equal(3));
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
      const { error } = outcomes[1] as Extract<BatchOutcome, { ok: false }>;
      expect([error.constructor, (error as SendFailedError).details]).toEqual([
        SendFailedError,
        { ...details, hint: 'Not [redacted]!' },
      ]);
    });

    it.each<[string, number, () => void]>([
      ['fails', 1, () => (shipper.answerBatch = () => Promise.reject(new Error('no route')))],
      ['has too few results', 1, () => (shipper.answerBatch = async () => [])],
      ['has results of another form', 3, () => (shipper.answerBatch = async () => [{}, {}, {}] as never)],
    ])('reports a failure for each of them if the call %s', async (_what, reports, fail) => {
      fail();
      const outcomes = await outcomesOf(await connect(null, 'shipper'), equal(3));
      expect(outcomes.map((outcome) => outcome.ok || outcome.error.constructor)).toEqual(
        Array(3).fill(SendFailedError),
      );
      expect(module.logger.errors.filter((line) => line.includes('failed unexpectedly'))).toHaveLength(reports);
      module.logger.lines.length = 0;
    });

    it('repeats a call whose credentials were changed in the meantime', async () => {
      const id = await connect(null, 'shipper');
      shipper.passwords.length = 0;
      const details = { stage: 'authenticate', code: 'authentication_failed', fault: 'configuration' } as const;
      const answer = shipper.answerBatch;
      shipper.answerBatch = async (messages) => {
        shipper.answerBatch = answer;
        await module.app.get(ConnectionsService).update(CALLER, id, { settings: { password: 'changed' } });
        return messages.map(() => ({ error: { ...details, retryable: false, hint: 'Enter the password again.' } }));
      };
      expect((await outcomesOf(id, equal(3))).every(({ ok }) => ok)).toBe(true);
      expect(shipper.passwords).toEqual(['open', 'changed']);
    });

    it('does not have messages wait long for one that exceeds a limit, which is sent by itself later', async () => {
      const id = await connect({ perMinute: 4 }, 'shipper');
      const clock = module.app.get(Clock);
      let now = new Date('2026-12-02T12:00:00Z').getTime();
      jest.spyOn(clock, 'now').mockImplementation(() => new Date(now));
      let sentBefore = -1;
      jest.spyOn(clock, 'wait').mockImplementation(async (ms) => {
        while (shipper.batches.length === 0) await turn();
        await turns();
        sentBefore = shipper.batches.flat().length;
        now += ms;
        return true;
      });
      await sender.send(CALLER, id, to('ada'));
      const outcomes = await outcomesOf(id, equal(4));
      expect(outcomes.every(({ ok }) => ok)).toBe(true);
      expect([sentBefore, shipper.batches.map(({ length }) => length), shipper.calls.length]).toEqual([3, [3], 2]);
    });

    it.each<['redirect' | 'drop', string[]]>([
      ['redirect', Array<string>(3).fill('staging@sender.example')],
      ['drop', []],
    ])('sends nothing to an original address in the mode %s', async (mode, recipients) => {
      const id = await connect(null, 'shipper');
      const change = mode === 'redirect' ? { mode, redirectTo: 'staging@sender.example' } : { mode };
      await module.app.get(ConnectionsService).update(CALLER, id, change);
      const messages = equal(3).map(({ to: own, subject, text = '' }) => ({
        to: own,
        subject,
        text,
        cc: [{ email: 'cc@recipient.example' }],
        bcc: [{ email: 'bcc@recipient.example' }],
      }));
      expect((await outcomesOf(id, messages)).every(({ ok }) => ok)).toBe(true);
      expect(shipper.batches).toEqual([]);
      expect(shipper.calls.flatMap(({ message }) => recipientsOf(message))).toEqual(recipients);
    });

    it('sends messages one by one if they are redirected since the batch began', async () => {
      const id = await connect(null, 'shipper');
      const source = (async function* () {
        const change = { mode: 'redirect', redirectTo: 'staging@sender.example' } as const;
        await module.app.get(ConnectionsService).update(CALLER, id, change);
        yield* equal(3);
      })();
      expect((await outcomesOf(id, source)).every(({ ok }) => ok)).toBe(true);
      expect(shipper.batches).toEqual([]);
      const recipients = shipper.calls.flatMap(({ message }) => recipientsOf(message));
      expect(recipients).toEqual(Array(3).fill('staging@sender.example'));
    });

    it('does not wait forever for an adapter that cannot compare messages', async () => {
      shipper.batchKey = () => {
        throw new Error('no key');
      };
      const outcomes = await outcomesOf(await connect(null, 'shipper'), equal(3));
      expect(outcomes.map((outcome) => outcome.ok || outcome.error.message)).toEqual(Array(3).fill('no key'));
    });

    it('passes no more together than a limit allows at one moment', async () => {
      const outcomes = await outcomesOf(await connect({ perDay: 4, perMinute: 2 }, 'shipper'), equal(2));
      expect(outcomes.every(({ ok }) => ok)).toBe(true);
      expect(shipper.batches.map(({ length }) => length)).toEqual([2]);
      shipper.batches.length = 0;
      const day = await outcomesOf(await connect({ perDay: 4 }, 'shipper'), equal(6));
      expect(day.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
      expect(shipper.batches.flat()).toHaveLength(4);
    });
  });

  it('sends messages of a list that is read from elsewhere, with little memory', async () => {
    const id = await connect();
    let [read, finished, most] = [0, 0, 0];
    const source = (async function* () {
      for (; read < 400; read++) {
        most = Math.max(most, read - finished);
        if (read % 50 === 0) await turns(2);
        yield to(`r${String(read)}`);
      }
    })();
    const results: SendResult[] = [];
    for await (const outcome of sender.sendBatch(CALLER, id, source)) {
      finished++;
      if (outcome.ok) results.push(outcome.result);
    }
    expect(results).toHaveLength(400);
    expect(most).toBeLessThanOrEqual(42);
  });
});
