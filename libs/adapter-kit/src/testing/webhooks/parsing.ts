import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import type { ParsedEvent } from '../../events/email-event.ts';
import { stringifyJson } from '../../json/json.ts';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import type { Context, Fixture, WebhookContext } from '../bench/context.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import { bytesLike, leafPaths, nodesOf, replaced } from './arbitraries.ts';
import { jsonOf, parsed, rawOf, writtenForm } from './parsed.ts';

export function readingChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  return [
    ...webhook.fixtures.map((fixture) =>
      check('fixtures-read', `parses the fixture ${fixture.name}`, async () => isReadAsExpected(webhook, fixture)),
    ),
    check('event-kinds-shown', 'has a fixture for each kind of event', async () => kindsAreShown(context, webhook)),
    check('raw-kept', 'keeps each raw item unchanged', async () => {
      for (const fixture of webhook.fixtures) keepsRaw(webhook, fixture);
    }),
  ];
}

function isReadAsExpected({ receiver }: WebhookContext, { name, request, expected }: Fixture): void {
  assert(expected !== undefined, `There is no ${name}.expected.json.`);
  assert.deepEqual(writtenForm(parsed(receiver, request)), expected);
}

function kindsAreShown({ adapter }: Context, { receiver, fixtures }: WebhookContext): void {
  const { events } = adapter.capabilities;
  const shown = new Set(
    fixtures.flatMap(({ request }) =>
      eventsOf(parsed(receiver, request)).flatMap((one) => (one.ok ? [one.event.kind] : [])),
    ),
  );
  const missing = events.filter((kind) => !shown.has(kind));
  assert.deepEqual(missing, [], '`capabilities.events` lists these kinds, but no fixture has them.');
  const secret = [...shown].filter((kind) => kind !== 'unknown' && !events.includes(kind));
  assert.deepEqual(secret, [], 'These kinds are reported, but `capabilities.events` does not list them.');
}

function keepsRaw({ receiver }: WebhookContext, { name, request }: Fixture): void {
  const body = jsonOf(request.body);
  const events = eventsOf(parsed(receiver, request));
  if (body === undefined) {
    for (const one of events)
      assert.notEqual(JSON.stringify(rawOf(one)) ?? '', '', `${name}: an event has no raw form.`);
    return;
  }
  const items: readonly unknown[] = Array.isArray(body.json) ? body.json : [body.json];
  let position = 0;
  for (const [index, one] of events.entries()) {
    const raw = rawOf(one);
    while (position < items.length && !contains(items[position], raw)) position += 1;
    const where = `${name}: the raw form of event ${String(index + 1)} differs from the item: ${JSON.stringify(raw)}`;
    assert(position < items.length, where);
  }
}

/** An item that is not an object is kept completely. Of an object, the part that is the event is sufficient. */
function contains(item: unknown, raw: unknown): boolean {
  if (isDeepStrictEqual(item, raw)) return true;
  return typeof raw === 'object' && nodesOf(item).some((node) => isDeepStrictEqual(node, raw));
}

function eventsOf(outcome: readonly ParsedEvent[] | 'malformed'): readonly ParsedEvent[] {
  return outcome === 'malformed' ? [] : outcome;
}

const YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;

/** Runs a synchronous function while the clock shows another year. */
function inAnotherYear<T>(work: () => T): T {
  const RealDate = globalThis.Date;
  class OtherDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      // Arguments are left to the real Date.
      super(...((parts.length === 0 ? [OtherDate.now()] : parts) as [number]));
    }

    static override now(): number {
      return RealDate.now() + YEARS_MS;
    }
  }
  globalThis.Date = OtherDate as DateConstructor;
  try {
    return work();
  } finally {
    globalThis.Date = RealDate;
  }
}

const EMPTY = ['', ' \r\n', '[]', '[]\r\n', '{}', ' { } '];
const PLACEHOLDER = 'a-deep-value-goes-here';
const MAX_DEEP_BODIES = 40;
/** More levels than calls fit on the stack: V8 has room for about 14,000 of the smallest ones. */
const LEVELS = 25_000;
const DEEP = '['.repeat(LEVELS) + ']'.repeat(LEVELS);

export function parsingChecks({ runs }: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  return [
    check('empty-is-nothing', 'finds no event in an empty request', async () => emptyIsNothing(webhook)),
    check('parse-pure', 'parses the same bytes to the same result at any time', async () => isPure(webhook)),
    check('parse-reads-declared', 'reads only what is stored of a request', async () => readsDeclared(webhook)),
    check(
      'parse-throws-malformed-only',
      'reports everything that is not a batch as malformed',
      async () => throwsMalformedAlone(webhook, runs),
      runs,
    ),
  ];
}

function emptyIsNothing({ receiver }: WebhookContext): void {
  for (const text of EMPTY) {
    const outcome = parsed(receiver, { headers: {}, query: {}, body: Buffer.from(text) });
    assert.deepEqual(outcome, [], `${JSON.stringify(text)} contains no event and is not malformed.`);
  }
}

function isPure({ receiver, fixtures }: WebhookContext): void {
  for (const { name, request } of fixtures) {
    // Not a Buffer, and not at the start of its memory: a body can be any bytes.
    const memory = new Uint8Array(request.body.length + 3).fill(0x20);
    memory.set(request.body, 2);
    const body = memory.subarray(2, 2 + request.body.length);
    const frozen = deepFreeze({ headers: { ...request.headers }, query: { ...request.query } });
    const first = parsed(receiver, { ...frozen, body });
    assert.deepEqual(
      Buffer.from(memory).subarray(2, -1),
      Buffer.from(request.body),
      `${name}: its bytes were changed.`,
    );
    assert.deepEqual(parsed(receiver, request), first, `${name}: it is parsed differently the second time.`);
    const later = inAnotherYear(() => parsed(receiver, request));
    assert.deepEqual(
      JSON.stringify(later),
      JSON.stringify(first),
      `${name}: it is parsed differently at another time.`,
    );
  }
}

function readsDeclared({ receiver, fixtures }: WebhookContext): void {
  const { parameters = [] } = receiver;
  for (const { name, request } of fixtures) {
    const read = new Set<string>();
    const watched: WebhookRequest = {
      body: request.body,
      headers: watch(request.headers, (header) => header === 'content-type' || read.add(`the header ${header}`)),
      query: watch(request.query, (name) => parameters.includes(name) || read.add(`the parameter ${name}`)),
    };
    parsed(receiver, watched);
    assert.deepEqual([...read], [], `${name}: this is read but not declared, so it is not stored.`);
  }
}

function throwsMalformedAlone({ receiver, fixtures }: WebhookContext, runs: number): void {
  const { query = {}, headers = {} } = fixtures[0]?.request ?? {};
  const parse = (body: Uint8Array): void => {
    const outcome = parsed(receiver, { headers, query, body });
    assert(outcome === 'malformed' || Array.isArray(outcome), '`parse` must return an array.');
  };
  for (const text of [
    '[',
    'null',
    'true',
    '7',
    '"text"',
    '<html>',
    'a=b&c=%',
    '\0',
    DEEP,
    `[${DEEP}]`,
    `[{"a":${DEEP}}]`,
  ]) {
    parse(Buffer.from(text));
  }
  for (const { request } of fixtures) {
    for (const body of deepBodies(request.body)) parse(body);
  }
  const bytes = bytesLike(fixtures.map(({ request }) => request.body));
  fc.assert(fc.property(bytes, parse), { numRuns: runs });
}

/** The body with a deep value in place of each string, number or custom member. */
function deepBodies(body: Uint8Array): readonly Uint8Array[] {
  const json = jsonOf(body)?.json;
  const paths = leafPaths(json).filter((path) => path.length > 0);
  return paths.slice(0, MAX_DEEP_BODIES).map((path) => {
    const text = stringifyJson(replaced(json, path, PLACEHOLDER)) ?? '';
    return Buffer.from(text.replace(`"${PLACEHOLDER}"`, DEEP));
  });
}

/** Reports which members are read. */
function watch<T extends object>(target: T, onRead: (name: string) => unknown): T {
  return new Proxy(target, {
    get: (members, name, receiver) => {
      if (typeof name === 'string') onRead(name);
      return Reflect.get(members, name, receiver) as unknown;
    },
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
