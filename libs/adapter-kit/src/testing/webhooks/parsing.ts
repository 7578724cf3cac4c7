import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringifyJson } from '../../json/lossless-json.ts';
import type { WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import { check, type ConformanceCheck } from '../conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { bytesLike, leafPaths, replaced } from './arbitraries.ts';
import { jsonOf, parsed } from './parsed.ts';

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
const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);

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
