import { AdapterError, type AdapterErrorDetails, type SendResult } from '@score-crm/adapter-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DATABASES } from '../../../test/support/databases.ts';
import { emailsPerDay } from '../src/connections/sending-limits.ts';
import {
  ConnectionsService,
  EmailSender,
  InvalidInputError,
  LimitsUnavailableError,
  type SendingLimits,
  SendingLimitExceededError,
} from '../src/index.ts';
import { Clock } from '../src/options/clock.ts';
import type { SendingCounters } from '../src/options/sending-counters.ts';
import { MemoryCounters } from '../src/sending/memory-counters.ts';
import { CourierAdapter, COURIERS } from './support/courier-vendor.ts';
import { failureOf, faultsOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOON = new Date('2026-12-02T12:00:00Z').getTime();
const WARM_UP = { startsOn: '2026-12-01', firstDay: 50, growthPercent: 50 };
const FAILED: AdapterErrorDetails = {
  stage: 'message',
  code: 'message_rejected',
  fault: 'sender',
  retryable: false,
  hint: 'Change the message.',
};

function hello(recipients = 1): { to: { email: string }[]; subject: string; text: string } {
  const to = Array.from({ length: recipients }, (_, index) => ({ email: `r${String(index)}@recipient.example` }));
  return { to, subject: 'Hello', text: 'Hello Ada' };
}

describe('the allowance of a day', () => {
  it.each([
    ['2026-11-20T00:00:00Z', 50],
    ['2026-12-01T00:00:00Z', 50],
    ['2026-12-01T23:59:59Z', 50],
    ['2026-12-02T00:00:00Z', 75],
    ['2026-12-03T12:00:00Z', 112],
    ['2026-12-08T00:00:00Z', 854],
    ['2026-12-09T00:00:00Z', 1_000],
    ['2096-12-08T00:00:00Z', 1_000],
  ])('of a warm-up on %s is %i', (time, emails) => {
    expect(emailsPerDay({ perDay: 1_000, warmUp: WARM_UP }, new Date(time))).toBe(emails);
  });

  it('is the limit per day without a warm-up', () => {
    expect(emailsPerDay({ perDay: 7 }, new Date())).toBe(7);
    expect(emailsPerDay({ perSecond: 1 }, new Date())).toBeUndefined();
  });
});

describe('counters in memory', () => {
  it('forget windows that have ended', async () => {
    const counters = new MemoryCounters();
    for (let second = 0; second < 200; second++) {
      await counters.add([{ key: String(second), limit: 5, endsAt: (second + 1) * 1_000 }], 5, second * 1_000);
    }
    expect(await counters.counts(['0', '199'], 199_000)).toEqual([0, 5]);
    expect(
      JSON.stringify([...(counters as unknown as { windows: Map<string, unknown> }).windows.keys()]),
    ).not.toContain('"100"');
  });
});

describe.each(DATABASES)('the limits of a connection on %s', (kind) => {
  let module: TestModule;
  let sender: EmailSender;
  let connections: ConnectionsService;
  let courier: CourierAdapter;
  let now = NOON;
  const counters = new MemoryCounters();
  const failing: { error?: Error } = {};

  beforeAll(async () => {
    const flaky = new Proxy<SendingCounters>(counters, {
      get: (target, name: keyof SendingCounters) =>
        failing.error === undefined ? target[name].bind(target) : () => Promise.reject(failing.error),
    });
    module = await TestModule.start(kind, { providers: COURIERS, sendingCounters: flaky });
    sender = module.app.get(EmailSender);
    connections = module.app.get(ConnectionsService);
    courier = module.app.get(CourierAdapter);
    jest.spyOn(module.app.get(Clock), 'now').mockImplementation(() => new Date(now));
  });

  beforeEach(() => {
    now = NOON;
  });

  afterEach(() => {
    courier.answer = async ({ message }) => courier.acceptAll(message);
    delete failing.error;
  });

  afterAll(() => module.end());

  async function connect(limits?: SendingLimits): Promise<string> {
    const input = { name: 'Post', vendor: 'courier', fromEmail: 'news@sender.example', settings: { password: 'open' } };
    return (await connections.create(CALLER, { ...input, ...(limits === undefined ? {} : { limits }) })).id;
  }

  const send = (id: string, recipients = 1): Promise<SendResult> => sender.send(CALLER, id, hello(recipients));

  async function refusal(id: string, recipients = 1): Promise<[limit: string, retryAfterMs: number]> {
    const failure = (await failureOf(send(id, recipients))) as SendingLimitExceededError;
    expect(failure).toBeInstanceOf(SendingLimitExceededError);
    return [failure.limit, failure.retryAfterMs];
  }

  it('are stored, replaced as a whole and removed', async () => {
    const limits = { perSecond: 14, perMinute: 100, perDay: 1_000, concurrency: 3, warmUp: WARM_UP };
    const id = await connect(limits);
    expect(await connections.get(CALLER, id)).toMatchObject({
      limits,
      allowance: { emails: 75, used: 0, resetsAt: new Date('2026-12-03T00:00:00Z') },
    });
    const { version } = await connections.update(CALLER, id, { limits: { ...limits } });
    expect(version).toBe(1);
    expect((await connections.update(CALLER, id, { limits: { perDay: 5 } })).limits).toEqual({ perDay: 5 });
    expect((await connections.update(CALLER, id, { name: 'Mail' })).limits).toEqual({ perDay: 5 });
    expect(await connections.update(CALLER, id, { limits: {} })).toMatchObject({ limits: null, allowance: null });
    expect(await connections.update(CALLER, await connect(limits), { limits: null })).toMatchObject({ limits: null });
    expect((await connections.get(CALLER, await connect())).limits).toBeNull();
  });

  it.each<[string, object, string[]]>([
    ['no emails', { perDay: 0 }, ['/limits/perDay out_of_range']],
    ['an unknown limit', { perHour: 5 }, ['/limits/perHour unknown_field']],
    ['a warm-up without an end', { warmUp: WARM_UP }, ['/limits/perDay required']],
    [
      'a day that does not exist',
      { perDay: 5, warmUp: { ...WARM_UP, startsOn: '2026-02-30' } },
      ['/limits/warmUp/startsOn invalid_date'],
    ],
    [
      'a warm-up without growth',
      { perDay: 5, warmUp: { ...WARM_UP, growthPercent: 0 } },
      ['/limits/warmUp/growthPercent out_of_range'],
    ],
  ])('cannot be %s', async (_what, limits, faults) => {
    expect(await faultsOf(connect(limits as SendingLimits))).toEqual(faults);
    expect(await faultsOf(connections.update(CALLER, await connect(), { limits }))).toEqual(faults);
  });

  it.each<[keyof SendingLimits, number]>([
    ['perSecond', 1_000],
    ['perMinute', 60_000],
    ['perDay', DAY_MS / 2],
  ])('count the recipients of %s until the next one begins', async (limit, waitMs) => {
    const id = await connect({ [limit]: 3 });
    await send(id, 2);
    const calls = courier.calls.length;
    expect(await refusal(id, 2)).toEqual([limit, waitMs]);
    await send(id);
    now += waitMs - 1;
    expect(await refusal(id)).toEqual([limit, 1]);
    expect(courier.calls).toHaveLength(calls + 1);
    now += 1;
    await send(id, 3);
  });

  it('hold together: what one of them refuses does not count for the others', async () => {
    const id = await connect({ perSecond: 2, perDay: 3 });
    await send(id, 2);
    expect(await refusal(id)).toEqual(['perSecond', 1_000]);
    expect((await connections.get(CALLER, id)).allowance?.used).toBe(2);
    now += 1_000;
    await send(id);
    expect(await refusal(id)).toEqual(['perDay', DAY_MS / 2 - 1_000]);
  });

  it('hold for messages at the same time', async () => {
    const id = await connect({ perDay: 10 });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => send(id)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('reject a message that never fits', async () => {
    const id = await connect({ perSecond: 2, perDay: 100 });
    const failure = (await failureOf(send(id, 3))) as InvalidInputError;
    expect(failure).toBeInstanceOf(InvalidInputError);
    expect(failure.errors[0]).toMatchObject({ pointer: '/to', code: 'too_many' });
  });

  it('let the daily allowance grow', async () => {
    const id = await connect({ perDay: 4, warmUp: { startsOn: '2026-12-02', firstDay: 1, growthPercent: 100 } });
    await send(id);
    expect(await refusal(id)).toEqual(['perDay', DAY_MS / 2]);
    now += DAY_MS;
    await send(id, 2);
    expect((await connections.get(CALLER, id)).allowance).toMatchObject({ emails: 2, used: 2 });
    expect(await refusal(id, 4)).toEqual(['perDay', DAY_MS / 2]);
  });

  it('give back what was certainly not sent, and nothing else', async () => {
    const id = await connect({ perDay: 2 });
    const failWith = (details: AdapterErrorDetails): void => {
      courier.answer = () => Promise.reject(new AdapterError(details));
    };
    failWith(FAILED);
    await failureOf(send(id));
    failWith({ ...FAILED, stage: 'connect', code: 'connection_timeout', fault: 'network' });
    await failureOf(send(id));
    failWith({ ...FAILED, code: 'rate_limited', fault: 'vendor' });
    await failureOf(send(id));
    expect((await connections.get(CALLER, id)).allowance?.used).toBe(0);
    failWith({ ...FAILED, code: 'timeout', fault: 'vendor' });
    await failureOf(send(id));
    failWith({ ...FAILED, code: 'connection_closed', fault: 'network', retryable: true });
    await failureOf(send(id));
    expect((await connections.get(CALLER, id)).allowance?.used).toBe(2);
    expect((await refusal(id))[0]).toBe('perDay');
  });

  it('limit the calls at the same time, also after a process has died', async () => {
    const id = await connect({ concurrency: 2, perDay: 100 });
    const answers: (() => void)[] = [];
    courier.answer = ({ message }) => new Promise((resolve) => answers.push(() => resolve(courier.acceptAll(message))));
    const sending = [send(id), send(id)];
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(await refusal(id)).toEqual(['concurrency', 1_000]);
    expect((await connections.get(CALLER, id)).allowance?.used).toBe(2);
    answers[0]?.();
    await Promise.race(sending);
    sending.push(send(id));
    while (answers.length < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(await refusal(id)).toEqual(['concurrency', 1_000]);
    now += 61_000;
    sending.push(send(id));
    while (answers.length < 4) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of answers) answer();
    await Promise.all(sending);
  });

  it('refuse to send while they cannot be checked', async () => {
    const [limited, free] = [await connect({ perDay: 5 }), await connect()];
    const concurrent = await connect({ concurrency: 1 });
    failing.error = new Error('Redis is not available.');
    const calls = courier.calls.length;
    expect(await failureOf(send(limited))).toBeInstanceOf(LimitsUnavailableError);
    expect(await failureOf(send(concurrent))).toBeInstanceOf(LimitsUnavailableError);
    expect(courier.calls).toHaveLength(calls);
    await send(free);
    expect((await connections.get(CALLER, limited)).allowance).toMatchObject({ emails: 5, used: null });
  });
});
