import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const FOLDER = new URL('fixtures/', import.meta.url);
function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

function expectedOf(name: string): unknown[] {
  return JSON.parse(read(`${name.replace(/\.(?:json|raw)$/, '')}.expected.json`).toString()) as unknown[];
}

describe('a SendGrid request', () => {
  it('is parsed to the same events in the vendor’s own bytes', () => {
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

  it('has the kinds of the table', () => {
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
