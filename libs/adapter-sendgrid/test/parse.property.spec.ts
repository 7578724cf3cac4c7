import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { adapterFor, webhook } from './support.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 100_000 : 500;
const LONG_MS = RUNS * 10 + 30_000;
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

const body = readFileSync(new URL('fixtures/batch-vendor-formatted.raw', import.meta.url));
const items = JSON.parse(body.toString()) as readonly Json[];
const expected = items.map((item) => parse([item])[0] as ParsedEvent);
const fields = [...new Set(items.flatMap((item) => Object.keys(item)))];

const item = fc.nat({ max: items.length - 1 });
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    ' ',
    'null',
    '__proto__',
    'constructor',
    'NaN',
    -1,
    1e300,
    1e13,
    0.5,
    '\u0000',
    '\ud800',
    '1755444161',
  ),
);

/** Changes to one event: a field set to anything, taken away, or renamed. */
const change = fc.record({
  how: fc.constantFrom('set', 'remove', 'rename'),
  field: fc.oneof(fc.constantFrom(...fields), fc.string(), fc.constantFrom('__proto__', 'toString', 'hasOwnProperty')),
  value: anyValue,
});

function parse(batch: unknown): readonly ParsedEvent[] {
  return webhooks.parse(webhook(JSON.stringify(batch)));
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

/** What must hold of an event whatever it was made from. */
function expectHonest(parsed: ParsedEvent, raw: unknown): void {
  if (!parsed.ok) {
    expect(parsed.raw).toEqual(raw);
    return;
  }
  const { event, identity } = parsed;
  expect(event.raw).toEqual(raw);
  if (event.recipient !== undefined) expect(event.recipient).toBe((raw as Json)['email']);
  expect(event.occurredAt.getTime()).toBeGreaterThan(0);
  if (event.kind === 'bounced' && (raw as Json)['type'] === 'blocked') expect(event.bounce?.class).toBe('block');
  if (event.kind !== 'bounced') expect(event.bounce?.class).not.toBe('hard');
  expect(identity.every((part) => typeof part === 'string' || Number.isSafeInteger(part))).toBe(true);
  for (const value of Object.values(event.metadata ?? {})) expect(typeof value).toBe('string');
}

describe('whatever is posted', () => {
  it(
    'an event that was changed costs its neighbours nothing',
    () => {
      fc.assert(
        fc.property(
          fc.array(item, { minLength: 1, maxLength: 8 }),
          fc.nat(),
          fc.array(change, { minLength: 1, maxLength: 4 }),
          (order, at, changes) => {
            const victim = at % order.length;
            const batch = order.map((index, position) => {
              const original = items[index] ?? {};
              return position === victim ? mutated(original, changes) : original;
            });
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
    'garbage between events costs only itself',
    () => {
      const garbage = fc.oneof(fc.jsonValue({ maxDepth: 4 }), anyValue);
      fc.assert(
        fc.property(
          fc.array(
            fc.oneof(
              item.map((index) => ({ index })),
              garbage.map((value) => ({ value })),
            ),
            { maxLength: 10 },
          ),
          (parts) => {
            const sent = parts.map((part) => ('index' in part ? items[part.index] : part.value));
            const batch = JSON.parse(JSON.stringify(sent)) as unknown[];
            const parsed = parse(batch);
            expect(parsed).toHaveLength(parts.length);
            parsed.forEach((one, position) => {
              const part = parts[position] as (typeof parts)[number];
              if ('index' in part) expect(one).toEqual(expected[part.index]);
              else expectHonest(one, batch[position]);
            });
          },
        ),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'bytes that are no batch throw MalformedWebhookError and nothing else',
    () => {
      const cut = fc.nat({ max: body.length }).map((end) => body.subarray(0, end));
      const flipped = fc
        .array(fc.tuple(fc.nat({ max: body.length - 1 }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 5,
        })
        .map((flips) => flips.reduce((bytes, [at, byte]) => bytes.fill(byte, at, at + 1), Buffer.from(body)));
      const recipients = new Set(items.map((one) => one['email']));
      fc.assert(
        fc.property(
          fc.oneof(
            cut,
            flipped,
            fc.uint8Array({ maxLength: 200 }),
            fc.json().map((text) => Buffer.from(text)),
          ),
          (bytes) => {
            let parsed: readonly ParsedEvent[] = [];
            try {
              parsed = webhooks.parse(webhook(bytes));
            } catch (error) {
              expect(error).toBeInstanceOf(MalformedWebhookError);
            }
            for (const one of parsed) {
              if (one.ok && one.event.recipient !== undefined && !recipients.has(one.event.recipient)) {
                expect((one.event.raw as Json)['email']).toBe(one.event.recipient);
              }
            }
          },
        ),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it.each(['[', '[{}', 'null', 'true', '7', '"text"', 'event=open', '<html>', '[{"event":"open"},]', '\u0000'])(
    '%j is no batch',
    (text) => {
      expect(() => webhooks.parse(webhook(text))).toThrow(MalformedWebhookError);
    },
  );

  it.each(['', ' \r\n', '[]', '[]\r\n', '{}', ' { } '])('%j holds no event', (text) => {
    expect(webhooks.parse(webhook(text))).toEqual([]);
  });

  it('depth does not exhaust it', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(webhooks.parse(webhook(`[{"event":"x","timestamp":1755444161,"a":${deep}}]`))).toMatchObject([{ ok: true }]);
  });
});

describe('what makes an event itself', () => {
  const identityOf = (event: Json): unknown => (parse([event])[0] as ParsedEvent & { identity?: unknown }).identity;

  it('is not the id that a repetition changes', () => {
    for (const event of items) {
      expect(identityOf({ ...event, sg_event_id: 'another' })).toEqual(identityOf(event));
      const { sg_event_id: _gone, ...rest } = event;
      expect(identityOf(rest)).toEqual(identityOf(event));
      expect(identityOf(Object.fromEntries(Object.entries(event).toReversed()))).toEqual(identityOf(event));
    }
  });

  it('tells the events of one message apart', () => {
    expect(new Set(items.map((event) => JSON.stringify(identityOf(event)))).size).toBe(items.length);
  });

  it.each(['email', 'event', 'timestamp', 'sg_message_id'])('is its %s', (field) => {
    const [event = {}] = items;
    expect(identityOf({ ...event, [field]: field === 'timestamp' ? 1755444999 : 'other.x' })).not.toEqual(
      identityOf(event),
    );
  });

  it('is everything else where nothing else tells', () => {
    const account = { event: 'account_status_change', timestamp: 1755453161, type: 'compliance_suspend' };
    expect(identityOf({ ...account, type: 'compliance_reactivate' })).not.toEqual(identityOf(account));
    expect(identityOf({ sg_event_id: 'x', ...Object.fromEntries(Object.entries(account).toReversed()) })).toEqual(
      identityOf(account),
    );
  });
});
