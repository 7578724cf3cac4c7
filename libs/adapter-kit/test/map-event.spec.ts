import { describe, expect, it } from '@jest/globals';
import {
  type EventFacts,
  type EmailEvent,
  type EventKind,
  type EventMap,
  firstOf,
  type JsonItem,
  mapEvent,
  objectIn,
  scalarOf,
  tagsOf,
  textOf,
  textsOf,
  unixTime,
} from '@score-crm/adapter-kit';

const KINDS: ReadonlyMap<string, EventKind> = new Map(
  (
    [
      'queued',
      'delivered',
      'deferred',
      'bounced',
      'rejected',
      'failed',
      'opened',
      'clicked',
      'complained',
      'unsubscribed',
      'subscribed',
    ] as const
  ).map((kind) => [kind, kind]),
);

const MAP: EventMap = {
  name: 'type',
  kinds: KINDS,
  time: (item) => unixTime(scalarOf(item, 'at')),
  recipient: ['to', 'email'],
  messageId: 'message',
  vendorEventId: (item) => scalarOf(item, 'id'),
  bounce: (item) => ({ class: 'hard', reason: textOf(item, 'text') ?? '' }),
  reply: 'text',
  url: 'url',
  userAgent: 'agent',
  ip: (item, { name }) => (name === 'complained' ? undefined : textOf(item, 'ip')),
  machine: (item) => item['bot'] === true,
  tags: (item) => tagsOf(item['tags']),
  metadata: (item) => textsOf(objectIn(item, 'meta')),
  isTest: (item) => item['test'] === true,
  deduplicationKey: (item, { name, kind }, { messageId = '' }) => [name, kind, messageId, scalarOf(item, 'id') ?? ''],
};

const ALL = {
  to: 'ada@recipient.example',
  message: 'm',
  at: 1_755_444_161,
  text: 'a reply',
  url: 'https://sender.example/',
  agent: 'Mozilla',
  ip: '203.0.113.9',
  bot: true,
};

function event(type: string, changes: Partial<EventMap> = {}, item: JsonItem = ALL): EmailEvent {
  const parsed = mapEvent({ ...item, type }, { ...MAP, ...changes });
  if (!parsed.ok) throw new TypeError(parsed.reason);
  return parsed.event;
}

/** The optional members of the event of each kind. */
function kindsWith(member: keyof EmailEvent, changes: Partial<EventMap> = {}): string[] {
  return [...KINDS.keys()].filter((kind) => member in event(kind, changes));
}

describe('an item', () => {
  it.each([null, 'text', 5, [], undefined])('%j is not an object', (item) => {
    expect(mapEvent(item, MAP, 'the raw')).toEqual({ ok: false, reason: 'The item is not an object.', raw: 'the raw' });
  });

  it.each([{}, { type: '' }, { type: 5 }, { TYPE: 'opened' }])('%j names no event', (item) => {
    expect(mapEvent(item, MAP)).toEqual({ ok: false, reason: 'The item names no event.', raw: item });
  });

  it('without time, message and recipient is rejected', () => {
    expect(mapEvent({ type: 'opened' }, MAP)).toMatchObject({ ok: false, raw: { type: 'opened' } });
    for (const [field, value] of Object.entries({ to: 'a', message: 'm', at: 1_755_444_161 })) {
      expect(mapEvent({ type: 'opened', [field]: value }, MAP)).toMatchObject({ ok: true });
    }
  });

  it('becomes an event with all that it states', () => {
    const item = { ...ALL, type: 'clicked', id: 17, meta: { a: 1, b: 'x', c: null, d: {} }, tags: ['t', '', 5] };
    expect(mapEvent(item, MAP)).toEqual({
      ok: true,
      event: {
        kind: 'clicked',
        occurredAt: new Date(1_755_444_161_000),
        recipient: 'ada@recipient.example',
        messageId: 'm',
        vendorEventId: '17',
        url: 'https://sender.example/',
        userAgent: 'Mozilla',
        ip: '203.0.113.9',
        machine: true,
        metadata: { a: '1', b: 'x' },
        tags: ['t'],
        raw: item,
      },
      deduplicationKey: ['clicked', 'clicked', 'm', '17'],
      deduplicationTime: new Date(1_755_444_161_000),
    });
  });

  it('is not found by its time where the vendor may change that', () => {
    const map = { ...MAP, mayChangeTime: ({ name }: EventFacts) => name === 'clicked' };
    const timeOf = (type: string) => {
      const parsed = mapEvent({ ...ALL, type }, map);
      return parsed.ok ? parsed.deduplicationTime : 'unreadable';
    };
    expect(timeOf('clicked')).toBeUndefined();
    expect(timeOf('opened')).toEqual(new Date(1_755_444_161_000));
  });

  it('keeps another raw form if there is one', () => {
    expect(mapEvent({ ...ALL, type: 'opened' }, MAP, { whole: true })).toMatchObject({
      event: { raw: { whole: true } },
    });
  });

  it('of an unlisted name is unknown, and can be named and corrected by a function', () => {
    expect(event('paused').kind).toBe('unknown');
    const corrected = event('x', {
      name: (item) => `${String(item['type'])}!`,
      kinds: new Map([['x!', 'bounced']]),
      kind: (_item, { name, kind }) => (name === 'x!' && kind === 'bounced' ? 'rejected' : 'failed'),
    });
    expect(corrected.kind).toBe('rejected');
  });

  it('is marked as a test, and otherwise not', () => {
    expect(event('opened')).not.toHaveProperty('test');
    expect(event('opened', {}, { ...ALL, test: true }).test).toBe(true);
    expect(event('opened', { isTest: (_item, { messageId }) => messageId === 'm' }).test).toBe(true);
  });

  it('has no member without a value', () => {
    expect(event('clicked', {}, { at: ALL.at })).toEqual({
      kind: 'clicked',
      occurredAt: new Date(1_755_444_161_000),
      machine: false,
      raw: { at: ALL.at, type: 'clicked' },
    });
  });
});

describe('only events of some kinds have', () => {
  it.each<[keyof EmailEvent, string[]]>([
    ['bounce', ['deferred', 'bounced', 'rejected', 'failed']],
    ['reply', ['delivered', 'deferred']],
    ['url', ['clicked']],
    ['ip', ['opened', 'clicked', 'unsubscribed']],
    ['machine', ['opened', 'clicked']],
    ['userAgent', [...KINDS.keys()]],
  ])('%s', (member, kinds) => {
    expect(kindsWith(member)).toEqual(kinds);
  });

  it('an address by default, if a person caused them', () => {
    expect(kindsWith('ip', { ip: 'ip' })).toEqual(['opened', 'clicked', 'complained', 'unsubscribed']);
    expect(kindsWith('ip', { ip: 'ip', isEngagement: ({ name }) => name === 'subscribed' })).toEqual(['subscribed']);
  });

  it('a link by default, if it was clicked', () => {
    expect(kindsWith('url', { urlKinds: new Set<EventKind>(['opened', 'clicked']) })).toEqual(['opened', 'clicked']);
  });
});

describe('the readers', () => {
  const item = { a: '', b: 5, c: 'x', d: ['y'], e: true, f: { g: 1 } };

  it('find the first field with a text', () => {
    expect(firstOf(item, ['a', 'z', 'b', 'c'])).toBe('5');
    expect(firstOf(item, ['a', 'd', 'toString'])).toBeUndefined();
    expect(event('opened', {}, { ...ALL, to: '', email: 'b@b.example' }).recipient).toBe('b@b.example');
  });

  it('find objects, and nothing in anything else', () => {
    expect(objectIn(item, 'f')).toEqual({ g: 1 });
    for (const member of ['a', 'd', 'z', 'constructor']) expect(objectIn(item, member)).toEqual({});
  });

  it('return metadata as texts, as far as they are the sender’s', () => {
    expect(textsOf(item)).toEqual({ a: '', b: '5', c: 'x', e: 'true' });
    expect(textsOf(item, (name) => name !== 'c' && name !== 'a')).toEqual({ b: '5', e: 'true' });
  });

  it.each<[unknown, string[]]>([
    ['a', ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['', []],
    [undefined, []],
    [[null, 5], []],
    [{}, []],
  ])(
    // prettier-ignore
    'return the tags of %j',
    (value, tags) => {
      expect(tagsOf(value)).toEqual(tags);
    },
  );
});
