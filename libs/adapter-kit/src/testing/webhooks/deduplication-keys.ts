import assert from 'node:assert/strict';
import type { EmailEvent } from '../../events/email-event.ts';
import { isJsonObject } from '../../json/json.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { WebhookContext } from '../bench/context.ts';
import { parsed, postsOf } from './parsed.ts';

type DeduplicationKey = readonly (string | number)[];

interface Known {
  readonly event: EmailEvent;
  readonly deduplicationKey: DeduplicationKey;
}

export function deduplicationKeysChecks(webhook: WebhookContext): readonly ConformanceCheck[] {
  return [
    check('deduplication-keys-differ', 'gives different events different keys', async () => theyDiffer(webhook)),
    check('deduplication-keys-differ', 'distinguishes events that differ in one detail', async () =>
      distinctOnes(webhook),
    ),
    check('deduplication-keys-repeat', 'gives a repeated event the same key', async () => theyRepeat(webhook)),
  ];
}

function theyDiffer({ receiver, fixtures }: WebhookContext): void {
  const seen = new Map<string, EmailEvent>();
  for (const { event, deduplicationKey } of fixtures.flatMap(({ request }) => knownIn(parsed(receiver, request)))) {
    const key = JSON.stringify(deduplicationKey);
    const parts = deduplicationKey.every((part) => typeof part === 'string' || Number.isSafeInteger(part));
    assert(
      parts && deduplicationKey.length > 0,
      `A deduplication key must consist of strings and whole numbers: ${key}`,
    );
    const other = seen.get(key) ?? event;
    assert.deepEqual(aboutOf(event), aboutOf(other), `Two different events have the deduplication key ${key}.`);
    seen.set(key, event);
  }
}

/** Fixtures that the adapter's author declares to contain only different events. */
const DISTINCT = /^distinct-/;

function distinctOnes({ receiver, fixtures }: WebhookContext): void {
  const seen = new Set<string>();
  for (const { name, request } of fixtures.filter((fixture) => DISTINCT.test(fixture.name))) {
    for (const { deduplicationKey } of knownIn(parsed(receiver, request))) {
      const key = JSON.stringify(deduplicationKey);
      assert(!seen.has(key), `${name}: two different events have the deduplication key ${key}.`);
      seen.add(key);
    }
  }
}

/** Details in which repeated reports of one event never differ. */
function aboutOf({ kind, messageId, recipient, url }: EmailEvent): readonly unknown[] {
  return [kind, messageId, recipient?.toLowerCase(), url];
}

function theyRepeat(webhook: WebhookContext): void {
  const { receiver, subject } = webhook;
  for (const { items, request } of postsOf(webhook).groups) {
    const identitiesOf = (item: unknown): readonly string[] =>
      knownIn(parsed(receiver, request([item])))
        .map(({ deduplicationKey }) => JSON.stringify(deduplicationKey))
        .sort();
    for (const item of items) {
      if (!isJsonObject(item)) continue;
      const first = identitiesOf(item);
      assert.deepEqual(identitiesOf(reversed(item)), first, 'The order of an item’s members must not matter.');
      if (first.length === 0) continue;
      const again = subject.repeated?.(item) ?? item;
      assert.deepEqual(identitiesOf(again), first, `It counts twice when repeated: ${JSON.stringify(item)}`);
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
