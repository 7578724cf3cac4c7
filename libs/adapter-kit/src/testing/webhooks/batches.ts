import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { EmailEvent, EventKind, ParsedEvent } from '../../events/email-event.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context, WebhookContext } from '../bench/context.ts';
import { anyJson, type Change, changesOf, leafPaths, nodesOf, replaced, scalarsOf, valueAt } from './arbitraries.ts';
import { type ItemGroup, parsed, type Posts, postsOf, rawOf } from './parsed.ts';
import { parseJson, scalarText, stringifyJson } from '../../json/json.ts';

const STRANGER = 'no-such-kind';
/** More digits than a double can hold, and forms that it does not preserve. */
const EXACT_NUMBERS = ['12345678901234567890', '1e400', '-0', '0.10'].map(parseJson);
const NO_TIMES = [undefined, null, '', 'soon', -1, true];
const NO_OBJECTS = [null, true, 7, 'text', ''];

export function batchesChecks(context: Context, webhook: WebhookContext): readonly ConformanceCheck[] {
  const posts = postsOf(webhook);
  const { runs } = context;
  return [
    check('unknown-kinds-survive', 'keeps an event of an unknown kind', async () =>
      unknownKindsSurvive(webhook, posts),
    ),
    check(
      'nothing-invented',
      'reports nothing that is not in the item',
      async () => nothingIsInvented(webhook, posts, runs),
      runs,
    ),
    check('raw-kept', 'keeps the raw form of every item', async () => rawIsKept(webhook, posts, runs), runs),
    check('time-optional', 'keeps an event without a usable time', async () => timesAreOptional(webhook, posts)),
    ...(posts.areBatches
      ? [
          check(
            'garbage-isolated',
            'parses each item independently',
            async () => itemsAreAlone(webhook, posts, runs),
            runs,
          ),
        ]
      : []),
  ];
}

function unknownKindsSurvive({ receiver }: WebhookContext, { groups }: Posts): void {
  const shown = new Set<EventKind>();
  const survivors = new Set<EventKind>(['unknown']);
  for (const { items, request } of groups) {
    for (const item of items) {
      const outcome = parsed(receiver, request([item]));
      const kinds = outcome === 'malformed' ? [] : outcome.flatMap((one) => (one.ok ? [one.event.kind] : []));
      for (const kind of kinds) shown.add(kind);
      for (const path of leafPaths(item)) {
        const strange = replaced(item, path, STRANGER);
        if (isUnknown(parsed(receiver, withStrangeQuery(request([strange]))), strange)) {
          for (const kind of kinds) survivors.add(kind);
        }
      }
    }
  }
  assert(shown.has('unknown'), 'No fixture has an event of the kind `unknown`.');
  const lost = [...shown].filter((kind) => !survivors.has(kind));
  assert.deepEqual(lost, [], 'If the vendor renames one of these kinds, the event is lost instead of `unknown`.');
}

function withStrangeQuery(request: ReturnType<ItemGroup['request']>): typeof request {
  return { ...request, query: Object.fromEntries(Object.keys(request.query).map((name) => [name, STRANGER])) };
}

function isUnknown(outcome: readonly ParsedEvent[] | 'malformed', item: unknown): boolean {
  if (outcome === 'malformed') return false;
  return outcome.some(
    (one) =>
      one.ok && one.event.kind === 'unknown' && nodesOf(item).some((node) => isDeepStrictEqual(node, one.event.raw)),
  );
}

function nothingIsInvented(webhook: WebhookContext, posts: Posts, runs: number): void {
  forChangedItems(webhook, posts, runs, assertHonest);
}

function rawIsKept(webhook: WebhookContext, posts: Posts, runs: number): void {
  forChangedItems(webhook, posts, runs, (one, item) => {
    const raw = rawOf(one);
    const isThere = isDeepStrictEqual(raw, item) || nodesOf(item).some((node) => isDeepStrictEqual(node, raw));
    assert(isThere, `The raw form differs from the item: ${JSON.stringify(raw)}`);
  });
}

function timesAreOptional({ receiver }: WebhookContext, { groups }: Posts): void {
  for (const { items, request } of groups) {
    const timesOf = (item: unknown): readonly (number | undefined)[] => {
      const outcome = parsed(receiver, request([item]));
      return outcome === 'malformed'
        ? []
        : outcome.flatMap((one) => (one.ok && namesMail(one.event) ? [one.event.occurredAt?.getTime()] : []));
    };
    for (const item of items) {
      const before = timesOf(item);
      for (const path of leafPaths(item).filter((one) => one.length > 0)) {
        const later = laterTime(scalarText(valueAt(item, path)) ?? '');
        const isTime = later !== undefined && !isDeepStrictEqual(timesOf(replaced(item, path, later)), before);
        for (const value of isTime ? NO_TIMES : []) {
          const after = timesOf(replaced(item, path, value));
          const what = `${JSON.stringify(item)} with ${JSON.stringify(value)} as its time`;
          assert.equal(after.length, before.length, `The event is lost: ${what}`);
        }
      }
    }
  }
}

/** An event that names neither has only its time. */
function namesMail({ messageId, recipient }: EmailEvent): boolean {
  return messageId !== undefined || recipient !== undefined;
}

function laterTime(text: string): string | undefined {
  return /^\d{9,13}(?:\.\d+)?$/.test(text) ? String(Math.trunc(Number(text)) + 100) : undefined;
}

/** Checks the result of parsing items that differ slightly from the vendor's. */
function forChangedItems(
  { receiver }: WebhookContext,
  { groups }: Posts,
  runs: number,
  look: (one: ParsedEvent, item: unknown) => void,
): void {
  for (const { items, request } of groups) {
    const read = (altered: unknown): void => {
      // As it is parsed from the body.
      const item = parseJson(stringifyJson(altered) ?? '');
      const outcome = parsed(receiver, request([item]));
      if (outcome !== 'malformed') for (const one of outcome) look(one, item);
    };
    for (const item of items) {
      for (const [index, path] of leafPaths(item).entries()) {
        if (path.length === 0) continue;
        read(replaced(item, path, undefined));
        read(replaced(item, path, EXACT_NUMBERS[index % EXACT_NUMBERS.length]));
      }
    }
    const some = fc.tuple(fc.constantFrom(...items), fc.array(changesOf(items), { maxLength: 4 }));
    const property = fc.property(some, ([original, changes]) => read(changed(original, changes)));
    fc.assert(property, { numRuns: Math.ceil(runs / groups.length) });
  }
}

function itemsAreAlone({ receiver }: WebhookContext, { groups }: Posts, runs: number): void {
  for (const { items, request } of groups) {
    const separately = (item: unknown): readonly ParsedEvent[] => {
      const outcome = parsed(receiver, request([item]));
      assert(outcome !== 'malformed', `One invalid item must not make the batch fail: ${JSON.stringify(item)}`);
      return outcome;
    };
    for (const item of NO_OBJECTS) {
      const outcome = separately(item);
      assert.deepEqual(
        outcome.map(rawOf),
        [item],
        `${JSON.stringify(item)} must be kept as an item that could not be parsed.`,
      );
      assert.equal(outcome[0]?.ok, false, `${JSON.stringify(item)} is not an event.`);
    }
    const good = fc.constantFrom(...items);
    const bad = fc.oneof(
      anyJson,
      fc.tuple(good, changesOf(items)).map(([item, change]) => change(item)),
    );
    const property = fc.property(fc.array(fc.oneof(good, bad), { maxLength: 8 }), (some) => {
      const batch = JSON.parse(JSON.stringify(some)) as readonly unknown[];
      assert.deepEqual(parsed(receiver, request(batch)), batch.flatMap(separately));
    });
    fc.assert(property, { numRuns: Math.ceil(runs / groups.length) });
  }
}

function changed(item: unknown, changes: readonly Change[]): unknown {
  return changes.reduce((value, change) => change(value), item);
}

/** What must be true for an event of any origin. */
function assertHonest(one: ParsedEvent, item: unknown): void {
  const texts = scalarsOf(item).map((text) => text.toLowerCase());
  const isInItem = (value: string | undefined): boolean =>
    value === undefined || texts.some((text) => text.includes(value.toLowerCase()));
  if (!one.ok) {
    assert.equal(typeof one.reason, 'string');
    return;
  }
  const { recipient, messageId, url, occurredAt = new Date(0), metadata = {}, tags = [] } = one.event;
  assert(recipient !== '' && isInItem(recipient), `The recipient ${String(recipient)} is not in the item.`);
  assert(messageId !== '' && isInItem(messageId), `The message id ${String(messageId)} is not in the item.`);
  assert(isInItem(url), `The URL ${String(url)} is not in the item.`);
  assert(!Number.isNaN(occurredAt.getTime()), 'occurredAt is not a time.');
  assert(
    Object.values(metadata).every((value) => typeof value === 'string'),
    'Metadata must be strings.',
  );
  assert(
    tags.every((tag) => typeof tag === 'string'),
    'Tags must be strings.',
  );
}
