import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type ParsedEvent, parseJson, type WebhookRequest } from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { adapterFor } from './support.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const { webhooks } = adapterFor({ url: 'http://127.0.0.1:1' });

const posts = readdirSync(FOLDER).filter((name) => /(?<!\.expected)\.(?:json|raw)$/.test(name));

function read(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

/** A body, unchanged, or a request with its query. */
function requestIn(name: string): WebhookRequest {
  if (!name.endsWith('.request.json')) return webhookRequest(read(name));
  const { query, body } = JSON.parse(read(name).toString()) as { query: WebhookRequest['query']; body: unknown };
  return webhookRequest(JSON.stringify(body), { query });
}

function expectedOf(name: string): unknown[] {
  return JSON.parse(read(`${name.replace(/(?:\.request)?\.(?:json|raw)$/, '')}.expected.json`).toString()) as unknown[];
}

function itemsIn(name: string): readonly unknown[] {
  const text = Buffer.from(requestIn(name).body)
    .toString()
    .replace(/^\ufeff/, '')
    .trim();
  const fields = /^[[{]/.test(text) ? [text] : [...new URLSearchParams(text).values()];
  const json = fields.find((field) => /^[[{]/.test(field)) ?? '[]';
  const batch: unknown = parseJson(json === '{}' ? '[]' : json);
  return Array.isArray(batch) ? batch : [batch];
}

/** In the form of the expectations: without `raw` if it is the item itself. */
function written(events: readonly ParsedEvent[]): unknown {
  return JSON.parse(
    JSON.stringify(
      events.map((parsed) => (parsed.ok ? { ...parsed, event: { ...parsed.event, raw: undefined } } : parsed)),
    ),
  );
}

describe('an SMTP.com request', () => {
  it.each(posts)('%s', (name) => {
    expect(written(webhooks.parse(requestIn(name)))).toEqual(expectedOf(name));
  });

  it.each(posts)('%s keeps each raw item unchanged', (name) => {
    const kept = webhooks.parse(requestIn(name)).map((parsed) => (parsed.ok ? parsed.event.raw : parsed.raw));
    expect(kept).toEqual(itemsIn(name));
  });

  it('is parsed the same as one batch and as several, in JSON and in a form', () => {
    const [delivery, bounce, open] = ['delivery', 'bounce', 'open'].map((name) => expectedOf(`${name}.json`)[0]);
    expect(expectedOf('batch-mixed.json')).toEqual([delivery, bounce, open]);
    const [old, failed] = ['legacy-delivery', 'legacy-bounce'].map((name) => expectedOf(`${name}.json`)[0]);
    expect(expectedOf('legacy-form.raw')).toEqual([old, failed]);
  });
});

describe('the deduplication key', () => {
  const deduplicationKeys = (name: string): unknown[] =>
    expectedOf(name).map((parsed) => (parsed as { deduplicationKey?: unknown }).deduplicationKey);

  it('is that of one bounce, for any event that reports it', () => {
    const [bounce] = deduplicationKeys('bounce.json');
    expect(deduplicationKeys('bounce-to-failed.request.json')).toEqual([bounce]);
    expect(deduplicationKeys('bounce-to-hard-bounced.request.json')).toEqual([bounce]);
    expect(deduplicationKeys('legacy-bounce.json')).toEqual([bounce]);
    expect(deduplicationKeys('bounce-to-bounceback.request.json')).not.toEqual([bounce]);
  });

  it('differs between all events of one message', () => {
    const names = [
      'received-and-queued',
      'delivery',
      'bounce',
      'bounceback',
      'open',
      'click',
      'complaint',
      'unsubscribe',
    ];
    const all = names
      .flatMap((name) => deduplicationKeys(`${name}.json`))
      .map((deduplicationKey) => JSON.stringify(deduplicationKey));
    expect(new Set(all).size).toBe(all.length);
  });
});
