import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ParsedEvent } from '../../events/email-event.ts';
import { check, type ConformanceCheck } from '../conformance-rules.ts';
import type { Context, Fixture, WebhookContext } from '../bench/context.ts';
import { nodesOf } from './arbitraries.ts';
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
