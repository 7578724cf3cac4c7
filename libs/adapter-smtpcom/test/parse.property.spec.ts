import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { cpuTime } from '../../../test/support/cpu-time.ts';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 100_000 : 500;
const LONG_MS = RUNS * 10 + 60_000;
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

const NEW = [
  'delivery',
  'bounce',
  'bounce-soft',
  'bounceback',
  'hard-bounce-label',
  'suppressed',
  'queued-tried',
].concat(['received', 'open', 'click', 'complaint', 'unsubscribe']);
const OLD = ['delivery', 'bounce', 'complaint', 'unsubscribe-as-complaint', 'open', 'click'];
const FIXTURES = [...NEW, ...OLD.map((name) => `legacy-${name}`)];
const items = FIXTURES.flatMap(
  (name) => JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Json[],
);
const EVENTS = [
  undefined,
  'delivered',
  'failed',
  'hard_bounced',
  'bounceback',
  'complained',
  'unsubscribed',
  'nonsense',
];
const expectedBy = new Map(EVENTS.map((event) => [event, items.map((one) => parse([one], event)[0] as ParsedEvent)]));
const fields = [...new Set(items.flatMap((one) => Object.keys(one)))];
const body = Buffer.from(JSON.stringify(items));

const item = fc.nat({ max: items.length - 1 });
const event = fc.constantFrom(...EVENTS);
const ODD = ['', ' ', 'null', '__proto__', 'constructor', 'NaN', -1, 1e300, 1e13, 0.5, '\u0000', '\ud800'];
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    ...ODD,
    '1755444161',
    'hard_bounce',
    'bounceback',
    'delivery',
    101,
    '102',
    'remove',
    550,
    10,
    '5.1.1 x',
  ),
);

/** Changes to one event: a field set to any value, removed, or renamed. */
const change = fc.record({
  how: fc.constantFrom('set', 'remove', 'rename'),
  field: fc.oneof(fc.constantFrom(...fields), fc.string(), fc.constantFrom('__proto__', 'toString', 'hasOwnProperty')),
  value: anyValue,
});

function parse(batch: unknown, event: string | undefined): readonly ParsedEvent[] {
  return parseBytes(JSON.stringify(batch), event);
}

function parseBytes(bytes: Uint8Array | string, event: string | undefined): readonly ParsedEvent[] {
  return webhooks.parse(webhookRequest(bytes, { query: event === undefined ? {} : { event } }));
}

function mutated(original: Json, changes: readonly { how: string; field: string; value: unknown }[]): Json {
  const entries = new Map(Object.entries(original));
  for (const { how, field, value } of changes) {
    if (how === 'set') entries.set(field, value);
    if (how === 'rename') entries.set(`${field}_`, entries.get(field) ?? null);
    if (how !== 'set') entries.delete(field);
  }
  return Object.fromEntries(entries);
}

/** What must be true for an event of any origin. */
function expectHonest(parsed: ParsedEvent, raw: unknown): void {
  if (!parsed.ok) {
    expect(parsed.raw).toEqual(raw);
    return;
  }
  const { event: made, deduplicationKey } = parsed;
  expect(made.raw).toEqual(raw);
  if (made.recipient !== undefined) expect(made.recipient).toBe((raw as Json)['rcpt_to']);
  if (made.messageId !== undefined) expect(made.messageId).toBe((raw as Json)['tracking_id']);
  if (made.occurredAt !== undefined) expect(made.occurredAt.getTime()).toBeGreaterThan(0);
  expect(made.bounce === undefined).toBe(made.kind !== 'bounced' && made.kind !== 'rejected');
  if (made.kind === 'rejected') expect(made.bounce?.class).toBe('admin');
  expect(deduplicationKey.every((part) => typeof part === 'string' || Number.isSafeInteger(part))).toBe(true);
  for (const value of Object.values(made.metadata ?? {})) expect(typeof value).toBe('string');
  for (const field of ['rcpt_to', 'tracking_id', 'id', 'event_label'])
    expect(made.metadata ?? {}).not.toHaveProperty(field);
}

describe('any request', () => {
  it(
    'an altered event does not affect its neighbors',
    () => {
      fc.assert(
        fc.property(
          fc.array(item, { minLength: 1, maxLength: 8 }),
          fc.nat(),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          event,
          (order, at, changes, registered) => {
            const victim = at % order.length;
            const batch = order.map((index, position) => {
              const original = items[index] ?? {};
              return position === victim ? mutated(original, changes) : original;
            });
            const sent = JSON.parse(JSON.stringify(batch)) as unknown[];
            const parsed = parse(batch, registered);
            expect(parsed).toHaveLength(batch.length);
            parsed.forEach((one, position) => {
              if (position === victim) expectHonest(one, sent[position]);
              else expect(one).toEqual(expectedBy.get(registered)?.[order[position] ?? 0]);
            });
          },
        ),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'garbage between events affects only itself, in JSON and in a form',
    () => {
      const garbage = fc.oneof(fc.jsonValue({ maxDepth: 4 }), anyValue);
      const part = fc.oneof(
        item.map((index) => ({ index })),
        garbage.map((value) => ({ value })),
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 10 }), event, fc.boolean(), (parts, registered, isForm) => {
          const sent = parts.map((one) => ('index' in one ? items[one.index] : one.value));
          const json = JSON.stringify(sent);
          const batch = JSON.parse(json) as unknown[];
          const bytes = isForm ? new URLSearchParams({ version: '1', data: json }).toString() : json;
          const parsed = parseBytes(bytes, registered);
          expect(parsed).toHaveLength(parts.length);
          parsed.forEach((one, position) => {
            const made = parts[position] as (typeof parts)[number];
            if ('index' in made) expect(one).toEqual(expectedBy.get(registered)?.[made.index]);
            else expectHonest(one, batch[position]);
          });
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'bytes that are not a batch throw MalformedWebhookError and nothing else',
    () => {
      const form = Buffer.from(new URLSearchParams({ data: body.toString() }).toString());
      const whole = fc.constantFrom(body, form);
      const cut = whole.chain((bytes) => fc.nat({ max: bytes.length }).map((end) => bytes.subarray(0, end)));
      const flipped = whole.chain((bytes) =>
        fc
          .array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 })), {
            minLength: 1,
            maxLength: 5,
          })
          .map((flips) => flips.reduce((changed, [at, byte]) => changed.fill(byte, at, at + 1), Buffer.from(bytes))),
      );
      const text = fc.json().map((json) => Buffer.from(json));
      fc.assert(
        fc.property(fc.oneof(cut, flipped, fc.uint8Array({ maxLength: 200 }), text), event, (bytes, registered) => {
          let parsed: readonly ParsedEvent[] = [];
          try {
            parsed = parseBytes(bytes, registered);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedWebhookError);
          }
          for (const one of parsed) {
            if (one.ok && one.event.recipient !== undefined) {
              expect((one.event.raw as Json)['rcpt_to']).toBe(one.event.recipient);
            }
          }
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it.each(
    ['[', '[{}', 'null', 'true', '7', '"text"', '<html>', '[{"event_label":"open"},]', '\u0000', 'event=open'].concat([
      '"a=[]"',
      '=',
      '&&=',
      'data=',
      'data=[{',
      'data=%5B1',
      '<a href="[]">',
    ]),
  )('%j is not a batch', (text) => {
    expect(() => parseBytes(text, 'opened')).toThrow(MalformedWebhookError);
  });

  it.each(['', ' \r\n', '[]', '[]\r\n', '{}', ' { } ', 'data=[]', 'data=%7B%7D', 'a=1&data= [] '])(
    '%j contains no event',
    (text) => {
      expect(parseBytes(text, 'opened')).toEqual([]);
    },
  );

  it('any depth and length is parsed safely', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const nested = (): void => {
      const body = `[{"event_label":"x","time":1755444161,"a":${deep}}]`;
      expect(parseBytes(body, undefined)).toMatchObject([{ ok: false }]);
    };
    const long = { event_label: 'bounce', time: 1755444161, resp_code: 550, resp_msg: 'user '.repeat(500_000) };
    const lengthy = (): void => {
      expect(parse([long, { ...long, resp_msg: '5.'.repeat(500_000) }], undefined)).toHaveLength(2);
    };
    expect(cpuTime(nested) + cpuTime(lengthy)).toBeLessThan(5_000);
  });
});

describe('the deduplication key', () => {
  const deduplicationKeyOf = (one: Json, registered?: string): unknown =>
    (parse([one], registered)[0] as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('does not depend on the order of the fields', () => {
    for (const one of items) {
      expect(deduplicationKeyOf(Object.fromEntries(Object.entries(one).toReversed()))).toEqual(deduplicationKeyOf(one));
    }
  });

  it.each(['rcpt_to', 'event_label', 'tracking_id', 'id'])('contains its %s', (field) => {
    const [delivery = {}] = items;
    expect(deduplicationKeyOf({ ...delivery, [field]: 'open' })).not.toEqual(deduplicationKeyOf(delivery));
  });

  it('contains everything else if there is nothing specific', () => {
    const account = { event_label: 'account', time: 1755453161, reason: 'suspended' };
    expect(deduplicationKeyOf({ ...account, reason: 'reactivated' })).not.toEqual(deduplicationKeyOf(account));
    expect(deduplicationKeyOf(Object.fromEntries(Object.entries(account).toReversed()))).toEqual(
      deduplicationKeyOf(account),
    );
  });

  it('is that of one bounce, unless only the second report classifies the address as hard', () => {
    const bounce = { event_label: 'bounce', tracking_id: 't', rcpt_to: 'a@b.example', time: 1755444161 };
    const known = { ...bounce, resp_code: 550, resp_class: 10 };
    expect(deduplicationKeyOf({ ...known, id: '1'.repeat(32) }, 'failed')).toEqual(
      deduplicationKeyOf({ ...known, id: '2'.repeat(32), time: 1755444199 }, 'hard_bounced'),
    );
    expect(deduplicationKeyOf(bounce, 'failed')).toEqual(deduplicationKeyOf({ ...bounce, resp_code: 450 }, 'failed'));
    expect(deduplicationKeyOf(bounce, 'failed')).not.toEqual(deduplicationKeyOf(bounce, 'hard_bounced'));
    expect(deduplicationKeyOf(known, 'failed')).not.toEqual(
      deduplicationKeyOf({ ...known, rcpt_to: 'b@b.example' }, 'failed'),
    );
    expect(deduplicationKeyOf(known, 'failed')).not.toEqual(
      deduplicationKeyOf({ ...known, tracking_id: 'u' }, 'failed'),
    );
  });
});
