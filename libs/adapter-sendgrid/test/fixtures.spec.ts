import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ParsedEvent } from '@score-crm/adapter-kit';
import { adapterFor, webhook } from './support.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

const bodies = readdirSync(FOLDER).filter((name) => /(?<!\.expected)\.(?:json|raw)$/.test(name));

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

function expectedOf(name: string): unknown[] {
  return JSON.parse(read(`${name.replace(/\.(?:json|raw)$/, '')}.expected.json`).toString()) as unknown[];
}

/** As the expectations are written: without `raw` where it is the item itself. */
function written(events: readonly ParsedEvent[]): unknown {
  return JSON.parse(
    JSON.stringify(
      events.map((parsed) => (parsed.ok ? { ...parsed, event: { ...parsed.event, raw: undefined } } : parsed)),
    ),
  );
}

describe('a post of SendGrid', () => {
  it.each(bodies)('%s', (name) => {
    expect(written(webhooks.parse(webhook(read(name))))).toEqual(expectedOf(name));
  });

  it.each(bodies)('%s keeps each item as it came', (name) => {
    const text = read(name)
      .toString()
      .replace(/^\ufeff/, '')
      .trim();
    const batch: unknown = text === '' || text === '{}' ? [] : JSON.parse(text);
    const items: readonly unknown[] = Array.isArray(batch) ? batch : [batch];
    const kept = webhooks.parse(webhook(read(name))).map((parsed) => (parsed.ok ? parsed.event.raw : parsed.raw));
    expect(kept).toEqual(items);
  });

  it('is read alike in the vendor’s own bytes', () => {
    const names = readdirSync(FOLDER);
    const whole = expectedOf('batch-vendor-formatted.raw');
    const single = [
      'processed',
      'deferred',
      'delivered',
      'bounce-hard',
      'bounce-blocked',
      'bounce-asynchronous',
      'dropped',
    ]
      .concat([
        'open',
        'open-by-machine',
        'click',
        'spamreport',
        'unsubscribe',
        'group-unsubscribe',
        'group-resubscribe',
      ])
      .concat(['account-status-change']);
    expect(names).toEqual(expect.arrayContaining(single.map((name) => `${name}.json`)));
    expect(single.flatMap((name) => expectedOf(`${name}.json`))).toEqual(whole);
  });

  it('shows the kinds of the table', () => {
    const kinds = (expectedOf('test-your-integration.raw') as { event: { kind: string; test?: boolean } }[]).map(
      ({ event }) => [event.kind, event.test],
    );
    expect(kinds).toEqual(
      ['queued', 'deferred', 'delivered', 'opened', 'clicked', 'bounced', 'rejected', 'complained']
        .concat(['unsubscribed', 'unsubscribed', 'subscribed'])
        .map((kind) => [kind, true]),
    );
  });
});
