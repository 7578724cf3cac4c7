import { AdapterError, type AdapterErrorDetails, type SendResult } from '@score-crm/adapter-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DATABASES, ofConnection } from '../../../test/support/databases.ts';
import { ConnectionsRepository } from '../src/connections/connections.repository.ts';
import {
  ConnectionDisabledError,
  ConnectionNotFoundError,
  ConnectionsService,
  DatabaseUnavailableError,
  EmailSender,
  EventsService,
  SendFailedError,
  UnitOfWork,
} from '../src/index.ts';
import { CourierAdapter, COURIERS, PlainAdapter, type SendCall, TaggerAdapter } from './support/courier-vendor.ts';
import { failureOf } from './support/outcome.ts';
import { CALLER, TestModule } from './support/test-module.ts';
import { spyOnWrites } from './support/writes.ts';

const PASSWORD = 'open sesame/+"ü%';
const HELLO = { to: [{ email: 'ada@recipient.example' }], subject: 'Hello', text: 'Hello Ada' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const REFUSED: AdapterErrorDetails = {
  stage: 'recipient',
  code: 'recipient_rejected',
  fault: 'recipient',
  retryable: false,
  smtpCode: 550,
  enhancedCode: '5.1.1',
  hint: 'Check the address.',
  reply: '550 5.1.1 No such user',
};

describe.each(DATABASES)('sending on %s', (kind) => {
  let module: TestModule;
  let sender: EmailSender;
  let courier: CourierAdapter;

  beforeAll(async () => {
    module = await TestModule.start(kind, { providers: COURIERS, sendTimeoutMs: 200 });
    sender = module.app.get(EmailSender);
    courier = module.app.get(CourierAdapter);
  });

  afterEach(() => {
    courier.answer = async ({ message }) => courier.acceptAll(message);
    module.logger.lines.length = 0;
  });

  afterAll(() => module.end());

  async function connect(vendor = 'courier', details: object = {}): Promise<string> {
    const input = { name: 'Post', vendor, fromEmail: 'news@sender.example', fromName: 'News', ...details };
    const settings = { password: PASSWORD };
    return (await module.app.get(ConnectionsService).create(CALLER, { ...input, settings })).id;
  }

  const eventsOf = async (id: string) => (await module.app.get(EventsService).list(CALLER, id)).data;
  const detailsOf = (failure: Error) => (failure as SendFailedError).details;

  it('hands the message to the adapter with its settings, a signal and the key of the pool', async () => {
    const id = await connect();
    const result = await sender.send(CALLER, id, HELLO);
    const { message, settings, options } = courier.calls.at(-1) as SendCall;
    expect(result).toEqual({
      messageId: expect.stringMatching(/^parcel-/),
      accepted: ['ada@recipient.example'],
      rejected: [],
    });
    expect(message).toEqual({
      ...HELLO,
      from: { email: 'news@sender.example', name: 'News' },
      headers: { 'X-Score-Message-Id': expect.stringMatching(UUID) },
    });
    expect(settings.password).toBe(PASSWORD);
    expect(options).toEqual({ signal: expect.any(AbortSignal), poolKey: `${id}:1` });
  });

  it('takes its ids along as metadata where the vendor has such, and leaves them out where it has no place', async () => {
    const tagged = await connect('tagger');
    await sender.send(CALLER, tagged, { ...HELLO, metadata: { campaign: 'spring' } });
    const [call] = module.app.get(TaggerAdapter).calls;
    expect(call?.message.metadata).toEqual({
      campaign: 'spring',
      score_connection_id: tagged,
      score_message_id: expect.stringMatching(UUID),
    });
    expect(call?.message.headers).toBeUndefined();

    await sender.send(CALLER, await connect('plain'), HELLO);
    expect(Object.keys(module.app.get(PlainAdapter).calls[0]?.message ?? {}).toSorted()).toEqual([
      'from',
      'subject',
      'text',
      'to',
    ]);
  });

  it('is from whom the message says, else from the connection’s sender, else a fault', async () => {
    const from = { email: 'ceo@sender.example' };
    await sender.send(CALLER, await connect(), { ...HELLO, from });
    expect(courier.calls.at(-1)?.message.from).toEqual(from);
    await sender.send(CALLER, await connect('courier', { fromName: undefined }), HELLO);
    expect(courier.calls.at(-1)?.message.from).toEqual({ email: 'news@sender.example' });
    const nobody = await connect('courier', { fromEmail: undefined });
    const failure = await failureOf(sender.send(CALLER, nobody, HELLO));
    expect(failure).toMatchObject({ errors: [{ pointer: '/from', code: 'required' }] });
  });

  it('keeps what became of each recipient', async () => {
    const id = await connect();
    const deferred = { ...REFUSED, code: 'recipient_deferred', retryable: true, enhancedCode: '4.2.2' } as const;
    const forbidden = { ...REFUSED, fault: 'configuration', enhancedCode: '5.7.1' } as const;
    const { enhancedCode: _unknown, reply: _silent, ...terse } = REFUSED;
    courier.answer = async () => ({
      messageId: '<parcel@sender.example>',
      accepted: ['Ada@Recipient.example', 'bob@recipient.example'],
      rejected: [
        { recipient: 'dead@recipient.example', error: REFUSED },
        { recipient: 'full@recipient.example', error: deferred },
        { recipient: 'far@recipient.example', error: forbidden },
        { recipient: 'odd@recipient.example', error: terse },
      ],
    });
    const { messageId } = await sender.send(CALLER, id, { ...HELLO, tags: ['spring'] });
    const events = await eventsOf(id);
    const common = { messageId, attribution: 'own', tags: ['spring'], vendorEventId: null, url: null };
    expect(events).toHaveLength(6);
    for (const event of events) {
      expect(event).toMatchObject(common);
      expect(event.metadata).toEqual({ score_connection_id: id, score_message_id: expect.stringMatching(UUID) });
    }
    const shown = events.map(({ recipient, kind, bounce }) => [recipient, kind, bounce?.class, bounce?.enhancedCode]);
    expect(new Set(shown)).toEqual(
      new Set([
        ['ada@recipient.example', 'sent', undefined, undefined],
        ['bob@recipient.example', 'sent', undefined, undefined],
        ['dead@recipient.example', 'rejected', 'hard', '5.1.1'],
        ['far@recipient.example', 'rejected', 'block', '5.7.1'],
        ['full@recipient.example', 'rejected', 'soft', '4.2.2'],
        ['odd@recipient.example', 'rejected', 'unknown', undefined],
      ]),
    );
    const dead = events.find(({ recipient }) => recipient === 'dead@recipient.example');
    expect(dead?.bounce).toEqual({
      class: 'hard',
      code: 550,
      enhancedCode: '5.1.1',
      reason: '550 5.1.1 No such user',
      rule: 'recipient_rejected',
    });
    const { raw } = await module.app.get(EventsService).get(CALLER, id, String(events[0]?.id));
    expect(raw).toBeNull();
  });

  it('keeps the events of equal messages apart', async () => {
    const id = await connect();
    courier.answer = async ({ message }) => ({ ...courier.acceptAll(message), messageId: 'always the same' });
    await Promise.all(Array.from({ length: 10 }, () => sender.send(CALLER, id, HELLO)));
    expect(await eventsOf(id)).toHaveLength(10);
  });

  it('shares commits among messages that are sent at the same time', async () => {
    const id = await connect();
    const write = spyOnWrites(module.app.get(UnitOfWork));
    await Promise.all(Array.from({ length: 40 }, () => sender.send(CALLER, id, HELLO)));
    expect(write.mock.calls.length).toBeLessThan(40);
    write.mockRestore();
    expect((await module.dataSource.query(`SELECT id FROM email_events WHERE ${ofConnection(id)}`)).length).toBe(40);
  });

  it('says who is at fault when nobody was accepted, and keeps nothing of it', async () => {
    const id = await connect();
    courier.answer = async () => {
      throw new AdapterError(REFUSED);
    };
    const failure = await failureOf(sender.send(CALLER, id, HELLO));
    expect(failure).toBeInstanceOf(SendFailedError);
    expect(detailsOf(failure)).toEqual(REFUSED);
    expect(await eventsOf(id)).toEqual([]);
    expect(module.logger.errors).toEqual([]);
  });

  it('understands the error of another copy of the kit', async () => {
    const id = await connect();
    courier.answer = async () => {
      throw Object.assign(new Error('of another class'), { name: 'AdapterError', details: REFUSED });
    };
    expect(detailsOf(await failureOf(sender.send(CALLER, id, HELLO)))).toEqual(REFUSED);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['throws something else', () => Promise.reject(new Error(`no route for ${PASSWORD}`))],
    [
      'throws at once',
      () => {
        throw new TypeError(`no route for ${PASSWORD}`);
      },
    ],
    ['answers with nothing', async () => undefined],
    ['answers with something else', async () => ({ messageId: 7, accepted: [], rejected: [] })],
  ])('survives an adapter that %s', async (_name, answer) => {
    const id = await connect();
    courier.answer = answer as () => Promise<SendResult>;
    const failure = await failureOf(sender.send(CALLER, id, HELLO));
    expect(detailsOf(failure)).toMatchObject({
      stage: 'message',
      code: 'unexpected',
      fault: 'vendor',
      retryable: false,
    });
    expect(module.logger.errors).toHaveLength(1);
    expect(JSON.stringify([failure.message, detailsOf(failure), module.logger.lines])).not.toContain('sesame');
  });

  it('ends a call that takes too long, also one that does not obey', async () => {
    const id = await connect();
    courier.answer = ({ options }) =>
      new Promise((_resolve, reject) => {
        options.signal?.addEventListener('abort', () =>
          reject(new AdapterError({ ...REFUSED, code: 'timeout', fault: 'network', retryable: true })),
        );
      });
    expect(detailsOf(await failureOf(sender.send(CALLER, id, HELLO))).code).toBe('timeout');
    courier.answer = () => new Promise(() => undefined);
    const failure = await failureOf(sender.send(CALLER, id, HELLO));
    expect(detailsOf(failure).hint).toContain('The message may have been sent');
    expect(module.logger.errors[0]).toContain('did not obey its signal');
  });

  it('takes secrets out of whatever the server said, and out of nothing else', async () => {
    const id = await connect();
    const said = { ...REFUSED, reply: `550 ${PASSWORD} is wrong`, hint: `Not ${PASSWORD}` };
    courier.answer = async () => {
      throw new AdapterError(said);
    };
    const failure = await failureOf(sender.send(CALLER, id, HELLO));
    expect(detailsOf(failure)).toEqual({ ...REFUSED, reply: '550 [redacted] is wrong', hint: 'Not [redacted]' });

    courier.answer = async ({ message }) => ({
      ...courier.acceptAll(message),
      rejected: [{ recipient: 'bob@recipient.example', error: said }],
    });
    const { rejected } = await sender.send(CALLER, id, HELLO);
    expect(rejected[0]?.error.reply).toBe('550 [redacted] is wrong');
    expect(JSON.stringify(await eventsOf(id))).not.toContain('sesame');
  });

  it('leaves addresses, ids and codes alone where a short secret is a part of them', async () => {
    const input = { name: 'Post', vendor: 'courier', fromEmail: 'news@sender.example' };
    const service = module.app.get(ConnectionsService);
    const { id } = await service.create(CALLER, { ...input, settings: { password: 'recipient' } });
    courier.answer = async ({ message }) => ({
      ...courier.acceptAll(message),
      messageId: 'recipient-7',
      rejected: [{ recipient: 'bob@recipient.example', error: REFUSED }],
    });
    expect(await sender.send(CALLER, id, HELLO)).toMatchObject({
      messageId: 'recipient-7',
      accepted: ['ada@recipient.example'],
      rejected: [{ recipient: 'bob@recipient.example', error: { stage: 'recipient', code: 'recipient_rejected' } }],
    });
  });

  it('does not fail where the message is on its way and only the events cannot be stored', async () => {
    const id = await connect();
    const write = spyOnWrites(module.app.get(UnitOfWork));
    write.mockImplementation(() => Promise.reject(new DatabaseUnavailableError(undefined)));
    const result = await sender.send(CALLER, id, HELLO);
    write.mockRestore();
    expect(result.accepted).toEqual(['ada@recipient.example']);
    expect(module.logger.errors).toEqual([expect.stringContaining(`Message ${result.messageId} (`)]);
    expect(module.logger.errors[0]).toContain(id);
    expect(await eventsOf(id)).toEqual([]);
  });

  it('does not know the connections of other organizations, nor deleted ones', async () => {
    const id = await connect();
    const before = courier.calls.length;
    const other = { ...CALLER, organization: 'other' };
    expect(await failureOf(sender.send(other, id, HELLO))).toBeInstanceOf(ConnectionNotFoundError);
    expect(await failureOf(sender.send(CALLER, 'no-id', HELLO))).toBeInstanceOf(ConnectionNotFoundError);
    await sender.send(CALLER, id, HELLO);
    await module.app.get(ConnectionsService).delete(CALLER, id);
    expect(await failureOf(sender.send(CALLER, id, HELLO))).toBeInstanceOf(ConnectionNotFoundError);
    expect(courier.calls).toHaveLength(before + 1);
  });

  describe('through a connection that another instance changes', () => {
    let other: TestModule;
    let elsewhere: ConnectionsService;
    beforeAll(async () => {
      other = await TestModule.on(module.database, { providers: COURIERS });
      elsewhere = other.app.get(ConnectionsService);
    });
    /** How much older what was read has become, in seconds. */
    let age = 0;
    beforeEach(() => {
      age = 0;
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + age * 1_000);
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });
    afterAll(() => other.stop());

    const poolKey = () => courier.calls.at(-1)?.options.poolKey;

    it('reads it once in four seconds', async () => {
      const id = await connect();
      const reads = jest.spyOn(module.app.get(ConnectionsRepository), 'findAny');
      await Promise.all(Array.from({ length: 20 }, () => sender.send(CALLER, id, HELLO)));
      expect(reads).toHaveBeenCalledTimes(1);
      await elsewhere.update(CALLER, id, { name: 'Parcels' });
      await sender.send(CALLER, id, HELLO);
      expect([reads.mock.calls.length, poolKey()]).toEqual([1, `${id}:1`]);
      age = 4.1;
      await sender.send(CALLER, id, HELLO);
      expect([reads.mock.calls.length, poolKey()]).toEqual([2, `${id}:2`]);
    });

    it('does not send after it was deleted for five seconds', async () => {
      const id = await connect();
      await sender.send(CALLER, id, HELLO);
      await elsewhere.delete(CALLER, id);
      age = 4.1;
      expect(await failureOf(sender.send(CALLER, id, HELLO))).toBeInstanceOf(ConnectionNotFoundError);
    });

    it('does not send after it was disabled for five seconds, here immediately', async () => {
      const id = await connect();
      await sender.send(CALLER, id, HELLO);
      await elsewhere.disable(CALLER, id);
      age = 4.1;
      expect(await failureOf(sender.send(CALLER, id, HELLO))).toBeInstanceOf(ConnectionDisabledError);
      await elsewhere.enable(CALLER, id);
      age = 8.2;
      await sender.send(CALLER, id, HELLO);
      await module.app.get(ConnectionsService).disable(CALLER, id);
      expect(await failureOf(sender.send(CALLER, id, HELLO))).toBeInstanceOf(ConnectionDisabledError);
    });

    it('does not repeat a message that was prepared for another mode', async () => {
      const id = await connect();
      await sender.send(CALLER, id, HELLO);
      courier.answer = async ({ message, settings }) => {
        if (settings.password === 'new') return courier.acceptAll(message);
        throw new AdapterError({ ...REFUSED, stage: 'authenticate', code: 'authentication_failed' });
      };
      await elsewhere.update(CALLER, id, { mode: 'drop', settings: { password: 'new' } });
      age = 0.2;
      const calls = courier.calls.length;
      expect(await failureOf(sender.send(CALLER, id, HELLO))).toBeInstanceOf(SendFailedError);
      expect(courier.calls).toHaveLength(calls + 1);
      age = 4.1;
      expect((await sender.send(CALLER, id, HELLO)).messageId).toMatch(/^dropped-/);
    });

    it('sends with a new password as soon as the vendor rejects the former one', async () => {
      const id = await connect();
      await sender.send(CALLER, id, HELLO);
      courier.answer = async ({ message, settings }) => {
        if (settings.password === 'new') return courier.acceptAll(message);
        throw new AdapterError({ ...REFUSED, stage: 'authenticate', code: 'authentication_failed' });
      };
      age = 0.2;
      expect(detailsOf(await failureOf(sender.send(CALLER, id, HELLO))).code).toBe('authentication_failed');
      await elsewhere.update(CALLER, id, { settings: { password: 'new' } });
      age = 0.4;
      expect((await sender.send(CALLER, id, HELLO)).accepted).toHaveLength(1);
      expect(await eventsOf(id)).toHaveLength(2);
    });
  });
});
