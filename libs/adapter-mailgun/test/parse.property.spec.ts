import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MalformedWebhookError, type ParsedEvent } from '@score-crm/adapter-kit';
import fc from 'fast-check';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const RUNS = process.env['TEST_LONG'] === '1' ? 100_000 : 500;
const LONG_MS = RUNS * 10 + 60_000;
const FOLDER = new URL('fixtures/', import.meta.url);
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

type Json = Readonly<Record<string, unknown>>;

const bodies = readdirSync(FOLDER)
  .filter((name) => /(?<!\.expected)\.json$/.test(name))
  .map((name) => readFileSync(new URL(name, FOLDER)));
const events = bodies
  .map((body) => (JSON.parse(body.toString()) as { 'event-data'?: unknown })['event-data'])
  .filter((data): data is Json => typeof data === 'object' && data !== null && !Array.isArray(data));
const members = [...new Set(events.flatMap((event) => Object.keys(event)))];

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    '',
    ' ',
    'null',
    '__proto__',
    'constructor',
    'failed',
    'permanent',
    -1,
    1e300,
    1e13,
    0.5,
    '\u0000',
    '\ud800',
  ),
);
const change = fc.record({
  how: fc.constantFrom('set', 'remove', 'rename'),
  member: fc.oneof(
    fc.constantFrom(...members),
    fc.string(),
    fc.constantFrom('__proto__', 'toString', 'hasOwnProperty'),
  ),
  value: anyValue,
});
const anEvent = fc.constantFrom(...events);

function parse(data: unknown): ParsedEvent {
  const [parsed] = webhooks.parse(webhookRequest(JSON.stringify({ 'event-data': data })));
  return parsed as ParsedEvent;
}

function mutated(original: Json, changes: readonly { how: string; member: string; value: unknown }[]): Json {
  const entries = new Map(Object.entries(original));
  for (const { how, member, value } of changes) {
    if (how === 'set') entries.set(member, value);
    if (how === 'rename') entries.set(`${member}_`, entries.get(member) ?? null);
    if (how !== 'set') entries.delete(member);
  }
  return JSON.parse(JSON.stringify(Object.fromEntries(entries))) as Json;
}

/** What must be true for an event of any origin. */
function expectHonest(parsed: ParsedEvent, raw: unknown): void {
  if (!parsed.ok) {
    expect(parsed.raw).toEqual(raw);
    return;
  }
  const { event, deduplicationKey } = parsed;
  const data = raw as Json;
  expect(event.raw).toEqual(raw);
  if (event.recipient !== undefined) expect(event.recipient).toBe(data['recipient']);
  if (event.messageId !== undefined)
    expect(JSON.stringify(data['message'])).toContain(JSON.stringify(event.messageId).slice(1, -1));
  if (event.url !== undefined) expect(event.url).toBe(data['url']);
  if (event.occurredAt !== undefined) expect(event.occurredAt.getTime()).toBeGreaterThan(0);
  // Only a permanent failure classifies an address as hard, and never without an attempt.
  if (event.bounce?.class === 'hard') {
    expect([event.kind, data['event'], data['severity']]).toEqual(['bounced', 'failed', 'permanent']);
    expect(String(data['reason'])).not.toMatch(/^suppress-/);
  }
  if (data['severity'] === 'temporary')
    expect(['deferred', 'unknown']).toContain(data['event'] === 'failed' ? event.kind : 'unknown');
  expect(deduplicationKey.every((part) => typeof part === 'string' || Number.isSafeInteger(part))).toBe(true);
  for (const value of Object.values(event.metadata ?? {})) expect(typeof value).toBe('string');
}

describe('any request', () => {
  it(
    'reports nothing that is not in it',
    () => {
      fc.assert(
        fc.property(anEvent, fc.array(change, { maxLength: 4 }), (original, changes) => {
          const data = mutated(original, changes);
          expectHonest(parse(data), data);
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'is one event or kept unchanged',
    () => {
      fc.assert(
        fc.property(anyValue, (value) => {
          const data = JSON.parse(JSON.stringify(value)) as unknown;
          expectHonest(parse(data), data);
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it(
    'throws MalformedWebhookError and nothing else, and gets a verdict',
    () => {
      const body = fc.constantFrom(...bodies);
      const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 });
      const bytes = fc.oneof(
        fc.tuple(body, fc.nat()).map(([whole, end]) => whole.subarray(0, end % whole.length)),
        fc.tuple(body, flips).map(([whole, all]) => {
          const copy = Buffer.from(whole);
          for (const [at, byte] of all) copy[at % copy.length] = byte;
          return copy;
        }),
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.jsonValue().map((signature) => Buffer.from(JSON.stringify({ signature }))),
      );
      const account = { webhookSigningKey: 'key-0' } as Parameters<typeof webhooks.authenticate>[1];
      fc.assert(
        fc.property(bytes, (some) => {
          try {
            expect(webhooks.parse(webhookRequest(some)).length).toBeLessThanOrEqual(1);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedWebhookError);
          }
          expect(['invalid', 'missing', 'malformed']).toContain(webhooks.authenticate(webhookRequest(some), account));
        }),
        { numRuns: RUNS },
      );
    },
    LONG_MS,
  );

  it.each(['[', '[{}', 'null', 'true', '7', '"text"', 'event=opened', '<html>', '[1]', '\u0000'])(
    '%j is not a webhook request',
    (text) => {
      expect(() => webhooks.parse(webhookRequest(text))).toThrow(MalformedWebhookError);
    },
  );

  it('any depth is parsed safely', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const post = `{"event-data":{"event":"x","timestamp":1755444161,"a":${deep}}}`;
    expect(() => webhooks.parse(webhookRequest(post))).toThrow(MalformedWebhookError);
  });
});

describe('the deduplication key', () => {
  const deduplicationKeyOf = (data: Json): unknown =>
    (parse(data) as ParsedEvent & { deduplicationKey?: unknown }).deduplicationKey;

  it('contains neither the token of the request nor the URL, and does not depend on the order of members', () => {
    for (const event of events) {
      const reversed = Object.fromEntries(Object.entries(event).toReversed());
      expect(deduplicationKeyOf(reversed)).toEqual(deduplicationKeyOf(event));
    }
  });

  it.each(['event', 'id', 'timestamp'])('contains its %s', (member) => {
    const event = events.find(({ event: name }) => name === 'opened') as Json;
    const other = member === 'timestamp' ? 1755444999 : 'other';
    expect(deduplicationKeyOf({ ...event, [member]: other })).not.toEqual(deduplicationKeyOf(event));
  });

  it('contains its severity: one message is deferred and then given up', () => {
    const event = events.find(({ severity }) => severity === 'temporary') as Json;
    expect(deduplicationKeyOf({ ...event, severity: 'permanent' })).not.toEqual(deduplicationKeyOf(event));
  });

  it('contains everything in it if it has no id', () => {
    const event = { event: 'delivered', timestamp: 1755444161, recipient: 'ada@recipient.example' };
    expect(deduplicationKeyOf({ ...event, recipient: 'bob@recipient.example' })).not.toEqual(deduplicationKeyOf(event));
    expect(deduplicationKeyOf(Object.fromEntries(Object.entries(event).toReversed()))).toEqual(
      deduplicationKeyOf(event),
    );
  });
});
