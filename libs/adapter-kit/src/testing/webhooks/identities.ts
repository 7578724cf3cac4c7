import assert from 'node:assert/strict';
import type { EmailEvent } from '../../events/email-event.ts';
import { isJsonObject } from '../../json/lossless-json.ts';
import { check } from '../bench/check.ts';
import type { WebhookContext } from '../bench/context.ts';
import type { ConformanceCheck } from '../conformance-check.ts';
import { postsOf } from './items.ts';
import { parsed } from './parsed.ts';

type Identity = readonly (string | number)[];

interface Known {
  readonly event: EmailEvent;
  readonly identity: Identity;
}

export function identitiesChecks(webhook: WebhookContext): readonly ConformanceCheck[] {
  return [
    check('identities-differ', 'tells different events apart', async () => theyDiffer(webhook)),
    check('identities-differ', 'distinguishes events that have almost everything in common', async () =>
      distinctOnes(webhook),
    ),
    check('identities-repeat', 'knows an event again', async () => theyRepeat(webhook)),
  ];
}

function theyDiffer({ receiver, fixtures }: WebhookContext): void {
  const seen = new Map<string, EmailEvent>();
  for (const { event, identity } of fixtures.flatMap(({ request }) => knownIn(parsed(receiver, request)))) {
    const key = JSON.stringify(identity);
    const parts = identity.every((part) => typeof part === 'string' || Number.isSafeInteger(part));
    assert(parts && identity.length > 0, `An identity consists of texts and whole numbers: ${key}`);
    const other = seen.get(key) ?? event;
    assert.deepEqual(aboutOf(event), aboutOf(other), `Two different events have the identity ${key}.`);
    seen.set(key, event);
  }
}

/** Fixtures that the adapter's author declares to hold nothing but different events. */
const DISTINCT = /^distinct-/;

function distinctOnes({ receiver, fixtures }: WebhookContext): void {
  const seen = new Set<string>();
  for (const { name, request } of fixtures.filter((fixture) => DISTINCT.test(fixture.name))) {
    for (const { identity } of knownIn(parsed(receiver, request))) {
      const key = JSON.stringify(identity);
      assert(!seen.has(key), `${name}: two different events have the identity ${key}.`);
      seen.add(key);
    }
  }
}

/** What no two reports of one event differ in. */
function aboutOf({ kind, messageId, recipient, url }: EmailEvent): readonly unknown[] {
  return [kind, messageId, recipient?.toLowerCase(), url];
}

function theyRepeat(webhook: WebhookContext): void {
  const { receiver, subject } = webhook;
  for (const { items, request } of postsOf(webhook).groups) {
    const identitiesOf = (item: unknown): readonly string[] =>
      knownIn(parsed(receiver, request([item])))
        .map(({ identity }) => JSON.stringify(identity))
        .sort();
    for (const item of items) {
      if (!isJsonObject(item)) continue;
      const first = identitiesOf(item);
      assert.deepEqual(identitiesOf(reversed(item)), first, 'The order of an item’s members means nothing.');
      if (first.length === 0) continue;
      const again = subject.repeated?.(item) ?? item;
      assert.deepEqual(identitiesOf(again), first, `It counts twice when it is repeated: ${JSON.stringify(item)}`);
    }
  }
}

function knownIn(outcome: ReturnType<typeof parsed>): readonly Known[] {
  return outcome === 'malformed' ? [] : outcome.filter((one) => one.ok);
}

function reversed(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}
