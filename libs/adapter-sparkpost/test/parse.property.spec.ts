import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { bounceClassOf, MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 100_000 : 500;
const LONG_MS = RUNS * 10 + 60_000;
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

const body = readFileSync(new URL('fixtures/batch-mixed.json', import.meta.url));
// Without the ping at the end, which is not an event.
const items = (JSON.parse(body.toString()) as readonly { msys: Json }[]).filter(
  ({ msys }) => Object.keys(msys).length === 1,
);
const classes = items.map(({ msys }) => Object.keys(msys)[0] ?? '');
const events = items.map(({ msys }, index) => msys[classes[index] ?? ''] as Json);
const expected = items.map((item) => parse([item])[0] as ParsedEvent);
const fields = [...new Set(events.flatMap((event) => Object.keys(event)))];

const index = fc.nat({ max: items.length - 1 });
const odd = fc.constantFrom(
  '',
  ' ',
  'null',
  '__proto__',
  'NaN',
  -1,
  1e300,
  1e13,
  0.5,
  '\u0000',
  '\ud800',
  '1755444161',
);
const anyValue = fc.oneof(fc.jsonValue({ maxDepth: 3 }), odd);
const anyName = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'hasOwnProperty', '7'));

interface Change {
  readonly how: string;
  readonly field: string;
  readonly value: unknown;
}

/** Changes to one event: a field set to any value, removed, or renamed. */
const change: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom('set', 'remove', 'rename'),
  field: fc.oneof(fc.constantFrom(...fields), anyName),
  value: anyValue,
});

function parse(batch: unknown): readonly ParsedEvent[] {
  return webhooks.parse(webhookRequest(JSON.stringify(batch)));
}

function mutated(original: Json, changes: readonly Change[]): Json {
  const entries = new Map(Object.entries(original));
  for (const { how, field, value } of changes) {
    if (how === 'set') entries.set(field, value);
    if (how === 'rename') entries.set(`${field}_`, entries.get(field) ?? null);
    if (how !== 'set') entries.delete(field);
  }
  return Object.fromEntries(entries);
}

function filed(at: number, event: unknown = events[at]): Json {
  return { msys: Object.fromEntries([[classes[at] ?? '', event]]) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The number of events of an item: one for each class, one for an invalid item, or none for a ping. */
function countOf(item: unknown): number {
  const msys = isObject(item) && Object.hasOwn(item, 'msys') ? item['msys'] : undefined;
  return isObject(msys) ? Object.keys(msys).length : 1;
}

/** What must be true for an event of any origin: everything reported is in the item. */
function expectHonest(parsed: ParsedEvent, item: unknown): void {
  expect(parsed.ok ? parsed.event.raw : parsed.raw).toEqual(item);
  if (!parsed.ok) return;
  const { recipient, messageId, vendorEventId, kind, bounce, occurredAt, metadata } = parsed.event;
  const events = Object.values((item as { msys: Json }).msys).filter(isObject);
  const isSaid = (value: string, ...names: string[]): boolean =>
    events.some((event) => names.some((name) => String(event[name]) === value));
  if (recipient !== undefined) expect(isSaid(recipient, 'raw_rcpt_to', 'rcpt_to')).toBe(true);
  if (messageId !== undefined) expect(isSaid(messageId, 'transmission_id')).toBe(true);
  if (vendorEventId !== undefined) expect(isSaid(vendorEventId, 'event_id')).toBe(true);
  if (occurredAt !== undefined) expect(occurredAt.getTime()).toBeGreaterThan(0);
  if (bounce?.class === 'hard') {
    expect(kind).toBe('bounced');
    const isSaidByClass = isSaid('10', 'bounce_class') || isSaid('30', 'bounce_class');
    // The codes decide unless a documented class does.
    const isSaidByCodes = bounceClassOf(bounce) === 'hard';
    expect(isSaidByClass || isSaidByCodes).toBe(true);
  }
  expect(parsed.deduplicationKey.every((part) => typeof part === 'string')).toBe(true);
  for (const value of Object.values(metadata ?? {})) expect(typeof value).toBe('string');
}

describe('any request', () => {
  it(
    'an altered event does not affect its neighbors',
    () => {
      fc.assert(
        fc.property(
          fc.array(index, { minLength: 1, maxLength: 8 }),
          fc.nat(),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          (order, at, changes) => {
            const victim = at % order.length;
            const batch = order.map((one, position) =>
              filed(one, position === victim ? mutated(events[one] ?? {}, changes) : events[one]),
            );
            const sent = JSON.parse(JSON.stringify(batch)) as unknown[];
            const parsed = parse(batch);
            expect(parsed).toHaveLength(batch.length);
            parsed.forEach((one, position) => {
              if (position === victim) expectHonest(one, sent[position]);
              else expect(one).toEqual(expected[order[position] ?? 0]);
            });
          },
        ),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'garbage between events, or next to one in its item, affects only itself',
    () => {
      const garbage = fc.oneof(
        fc.jsonValue({ maxDepth: 4 }),
        anyValue,
        fc.record({ msys: anyValue }),
        fc.record({ msys: fc.dictionary(anyName, anyValue, { maxKeys: 3 }), other: anyValue }),
      );
      const part = fc.oneof(
        index.map((at) => ({ at })),
        garbage.map((value) => ({ value })),
        fc.tuple(index, anyName, anyValue).map(([beside, name, value]) => ({ beside, name, value })),
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
          const batch = parts.map((one) => {
            if ('at' in one) return filed(one.at);
            if (!('beside' in one)) return one.value;
            const classAndGarbage = [
              [classes[one.beside] ?? '', events[one.beside]] as const,
              [`${one.name}_`, one.value] as const,
            ];
            return { msys: Object.fromEntries(classAndGarbage) };
          });
          const sent = JSON.parse(JSON.stringify(batch)) as unknown[];
          const parsed = parse(batch);
          expect(parsed).toHaveLength(sent.reduce((count: number, item) => count + countOf(item), 0));
          let position = 0;
          parts.forEach((one, at) => {
            const own = parsed.slice(position, position + countOf(sent[at]));
            position += own.length;
            if ('at' in one) expect(own).toEqual([expected[one.at]]);
            else own.forEach((event) => expectHonest(event, sent[at]));
            if ('beside' in one) {
              expect(own.map(deduplicationKeyOf)).toContainEqual(deduplicationKeyOf(expected[one.beside]));
            }
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
      const cut = fc.nat({ max: body.length }).map((end) => body.subarray(0, end));
      const flipped = fc
        .array(fc.tuple(fc.nat({ max: body.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 5,
        })
        .map((flips) => flips.reduce((bytes, [at, byte]) => bytes.fill(byte, at, at + 1), Buffer.from(body)));
      const anything = fc.oneof(
        cut,
        flipped,
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      );
      fc.assert(
        fc.property(anything, (bytes) => {
          let parsed: readonly ParsedEvent[] = [];
          try {
            parsed = webhooks.parse(webhookRequest(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedWebhookError);
          }
          for (const one of parsed) if (one.ok) expectHonest(one, one.event.raw);
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it.each(['[', '[{}', 'null', 'true', '7', '"text"', 'msys=1', '<html>', '[{"msys":{}},]', '\u0000'])(
    '%j is not a batch',
    (text) => {
      expect(() => webhooks.parse(webhookRequest(text))).toThrow(MalformedWebhookError);
    },
  );

  it.each(['', ' \r\n', '[]', '{}', ' { } ', '[{"msys":{}}]', '{"msys":{}}', '[{"msys":{}},{"msys":{}}]'])(
    '%j contains no event',
    (text) => {
      expect(webhooks.parse(webhookRequest(text))).toEqual([]);
    },
  );

  it('any depth is parsed safely', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const event = `{"type":"x","timestamp":"1755444161","a":${deep}}`;
    expect(webhooks.parse(webhookRequest(`[{"msys":{"message_event":${event}}}]`))).toMatchObject([{ ok: false }]);
    expect(webhooks.parse(webhookRequest(`[{"msys":{"message_event":${deep}}}]`))).toMatchObject([{ ok: false }]);
  });
});

describe('the deduplication key', () => {
  const event = (changes: Json = {}): Json => ({ ...events[0], ...changes });
  const deduplicationKey = (of: Json): unknown => deduplicationKeyOf(parse([{ msys: { message_event: of } }])[0]);

  it('is the type and the vendor’s id, independent of the class and other fields', () => {
    for (const [at, original] of events.entries()) {
      const elsewhere = { msys: { another_class: { ...original, timestamp: '1755444999', subject: 'x' } } };
      expect(deduplicationKeyOf(parse([elsewhere])[0])).toEqual(deduplicationKeyOf(expected[at]));
    }
    expect(new Set(expected.map((one) => JSON.stringify(deduplicationKeyOf(one)))).size).toBe(expected.length);
  });

  it('does not depend on the order of the members', () => {
    const [one, other] = [items[0]?.msys, items[1]?.msys];
    const parsed = parse([{ msys: { ...one, ...other } }]);
    expect(parsed.map(deduplicationKeyOf)).toEqual([expected[0], expected[1]].map(deduplicationKeyOf));
    expect(parse([{ msys: { ...other, ...one } }]).map(deduplicationKeyOf)).toEqual(parsed.map(deduplicationKeyOf));
  });

  it('contains both of them', () => {
    expect(deduplicationKey(event({ type: 'out_of_band' }))).not.toEqual(deduplicationKey(event()));
    expect(deduplicationKey(event({ event_id: '1' }))).not.toEqual(deduplicationKey(event()));
  });

  it('is the content if there is no id', () => {
    const { event_id: _gone, ...bare } = event();
    expect(deduplicationKey(Object.fromEntries(Object.entries(bare).toReversed()))).toEqual(deduplicationKey(bare));
    expect(deduplicationKey({ ...bare, raw_rcpt_to: 'b@recipient.example' })).not.toEqual(deduplicationKey(bare));
  });
});

function deduplicationKeyOf(parsed: ParsedEvent | undefined): unknown {
  return parsed?.ok === true ? parsed.deduplicationKey : undefined;
}
