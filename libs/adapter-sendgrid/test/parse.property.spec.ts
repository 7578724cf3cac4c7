import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ParsedEvent } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 100_000 : 500;
const LONG_MS = RUNS * 10 + 60_000;
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Record<string, unknown>;

const body = readFileSync(new URL('fixtures/batch-vendor-formatted.raw', import.meta.url));
const items = JSON.parse(body.toString()) as readonly Json[];
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

/** Changes to one event: a field set to any value, removed, or renamed. */
const change = fc.record({
  how: fc.constantFrom('set', 'remove', 'rename'),
  field: fc.oneof(fc.constantFrom(...fields), fc.string(), fc.constantFrom('__proto__', 'toString', 'hasOwnProperty')),
  value: anyValue,
});

function parse(batch: unknown): readonly ParsedEvent[] {
  return webhooks.parse(webhookRequest(JSON.stringify(batch)));
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
  const { event, deduplicationKey } = parsed;
  expect(event.raw).toEqual(raw);
  if (event.recipient !== undefined) expect(event.recipient).toBe((raw as Json)['email']);
  if (event.occurredAt !== undefined) expect(event.occurredAt.getTime()).toBeGreaterThan(0);
  if (event.kind === 'bounced' && (raw as Json)['type'] === 'blocked') expect(event.bounce?.class).toBe('block');
  if (event.kind !== 'bounced') expect(event.bounce?.class).not.toBe('hard');
  expect(deduplicationKey.every((part) => typeof part === 'string' || Number.isSafeInteger(part))).toBe(true);
  for (const value of Object.values(event.metadata ?? {})) expect(typeof value).toBe('string');
}

describe('any request', () => {
  it(
    'is reported as it is',
    () => {
      fc.assert(
        fc.property(item, fc.array(change, { maxLength: 4 }), (index, changes) => {
          const event = JSON.parse(JSON.stringify(mutated(items[index] ?? {}, changes))) as Json;
          expectHonest(parse([event])[0] as ParsedEvent, event);
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );
});

describe('the deduplication key', () => {
  const deduplicationKeyOf = (event: Json): unknown =>
    (parse([event])[0] as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('does not contain the id that a repetition changes', () => {
    for (const event of items) {
      expect(deduplicationKeyOf({ ...event, sg_event_id: 'another' })).toEqual(deduplicationKeyOf(event));
      const { sg_event_id: _gone, ...rest } = event;
      expect(deduplicationKeyOf(rest)).toEqual(deduplicationKeyOf(event));
      expect(deduplicationKeyOf(Object.fromEntries(Object.entries(event).toReversed()))).toEqual(
        deduplicationKeyOf(event),
      );
    }
  });

  it('distinguishes the events of one message', () => {
    expect(new Set(items.map((event) => JSON.stringify(deduplicationKeyOf(event)))).size).toBe(items.length);
  });

  it.each(['email', 'event', 'timestamp', 'sg_message_id'])('contains its %s', (field) => {
    const [event = {}] = items;
    expect(deduplicationKeyOf({ ...event, [field]: field === 'timestamp' ? 1755444999 : 'other.x' })).not.toEqual(
      deduplicationKeyOf(event),
    );
  });

  it('contains everything else if there is nothing specific', () => {
    const account = { event: 'account_status_change', timestamp: 1755453161, type: 'compliance_suspend' };
    expect(deduplicationKeyOf({ ...account, type: 'compliance_reactivate' })).not.toEqual(deduplicationKeyOf(account));
    expect(
      deduplicationKeyOf({ sg_event_id: 'x', ...Object.fromEntries(Object.entries(account).toReversed()) }),
    ).toEqual(deduplicationKeyOf(account));
  });
});
