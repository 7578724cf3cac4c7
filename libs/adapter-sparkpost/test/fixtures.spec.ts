import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ParsedEvent, parseJson } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

const bodies = readdirSync(FOLDER).filter((name) => /(?<!\.expected)\.(?:json|raw)$/.test(name));

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

function expectedOf(name: string): { event: { kind: string } }[] {
  const text = read(`${name.replace(/\.(?:json|raw)$/, '')}.expected.json`).toString();
  return JSON.parse(text) as { event: { kind: string } }[];
}

/** In the form of the expectations: without `raw` if it is the item itself. */
function written(events: readonly ParsedEvent[]): unknown {
  return JSON.parse(
    JSON.stringify(
      events.map((parsed) => (parsed.ok ? { ...parsed, event: { ...parsed.event, raw: undefined } } : parsed)),
    ),
  );
}

/** The raw form of an item: itself, once for each of its events. */
function keptOf(item: unknown): unknown[] {
  const msys = (item as { msys?: unknown } | null)?.msys;
  if (typeof msys !== 'object' || msys === null || Array.isArray(msys)) return [item];
  return Object.keys(msys).map(() => item);
}

describe('a SparkPost request', () => {
  it.each(bodies)('%s', (name) => {
    expect(written(webhooks.parse(webhookRequest(read(name))))).toEqual(expectedOf(name));
  });

  it.each(bodies)('%s keeps each raw item unchanged', (name) => {
    const text = read(name)
      .toString()
      .replace(/^\ufeff/, '')
      .trim();
    const batch: unknown = text === '' || text === '{}' ? [] : parseJson(text);
    const items: readonly unknown[] = Array.isArray(batch) ? batch : [batch];
    const kept = webhooks
      .parse(webhookRequest(read(name)))
      .map((parsed) => (parsed.ok ? parsed.event.raw : parsed.raw));
    expect(kept).toEqual(items.flatMap(keptOf));
  });

  it.each(bodies)('%s is always parsed the same, so that an event is found by its position', (name) => {
    const once = webhooks.parse(webhookRequest(read(name)));
    expect(webhooks.parse(webhookRequest(read(name)))).toEqual(once);
  });

  it.each([
    ['injection', 'queued'],
    ['delivery', 'delivered'],
    ['delay', 'deferred'],
    ['bounce-hard', 'bounced'],
    ['bounce-block', 'bounced'],
    ['bounce-suppressed', 'rejected'],
    ['out-of-band', 'bounced'],
    ['policy-rejection', 'rejected'],
    ['generation-rejection', 'rejected'],
    ['generation-failure', 'failed'],
    ['spam-complaint', 'complained'],
    ['open', 'opened'],
    ['amp-open', 'opened'],
    ['initial-open', 'unknown'],
    ['amp-initial-open', 'unknown'],
    ['click', 'clicked'],
    ['amp-click', 'clicked'],
    ['list-unsubscribe', 'unsubscribed'],
    ['link-unsubscribe', 'unsubscribed'],
    ['relay-injection', 'unknown'],
    ['relay-delivery', 'unknown'],
    ['relay-tempfail', 'unknown'],
    ['relay-permfail', 'unknown'],
    ['relay-rejection', 'unknown'],
    ['ab-test-completed', 'unknown'],
    ['ab-test-cancelled', 'unknown'],
    ['ingest-success', 'unknown'],
    ['ingest-error', 'unknown'],
    ['sms-status', 'unknown'],
  ])('%s is %s', (name, kind) => {
    expect(expectedOf(`${name}.json`).map(({ event }) => event.kind)).toEqual([kind]);
  });

  it('distinguishes hard, soft and rejected by the vendor’s table', () => {
    const seen = (
      expectedOf('bounce-classes.json') as unknown as { event: { kind: string; bounce?: { class: string } } }[]
    )
      .slice(0, 20)
      .map(({ event }) => `${event.kind} ${event.bounce?.class ?? ''}`.trim());
    // 1, 10, 20 to 25, 30, 40, 50 to 54, 60, 70, 80, 90, 100
    expect(seen).toEqual([
      // The class is undetermined, the code is 5.1.1.
      'bounced hard',
      'bounced hard',
      ...Array.from({ length: 5 }, () => 'bounced soft'),
      'rejected admin',
      'bounced hard',
      'bounced soft',
      ...Array.from({ length: 5 }, () => 'bounced block'),
      'unknown',
      'bounced soft',
      'subscribed',
      'unsubscribed',
      'unknown',
    ]);
  });
});
