import type { ParsedEvent } from '../../events/email-event.ts';
import { parseJson, stringifyJson } from '../../json/json.ts';
import { MalformedWebhookError } from '../../webhooks/webhook-request.ts';
import type { WebhookReceiver, WebhookRequest } from '../../webhooks/webhook-receiver.ts';
import type { Fixture, WebhookContext } from '../bench/context.ts';

/** Returns the result of parsing a request, or `malformed` if parsing throws that. Any other error is passed on. */
export function parsed(receiver: WebhookReceiver, request: WebhookRequest): readonly ParsedEvent[] | 'malformed' {
  try {
    return receiver.parse(request);
  } catch (error) {
    if (error instanceof MalformedWebhookError) return 'malformed';
    throw error;
  }
}

/** The form of expectations: as JSON, without the raw form of events. */
export function writtenForm(outcome: readonly ParsedEvent[] | 'malformed'): unknown {
  if (outcome === 'malformed') return outcome;
  const written = outcome.map((one) => (one.ok ? { ...one, event: { ...one.event, raw: undefined } } : one));
  return JSON.parse(JSON.stringify(written));
}

export function rawOf(one: ParsedEvent): unknown {
  return one.ok ? one.event.raw : one.raw;
}

/** The parsed bytes, if they are JSON. */
export function jsonOf(body: Uint8Array): { readonly json: unknown } | undefined {
  try {
    return { json: parseJson(new TextDecoder().decode(body)) };
  } catch {
    return undefined;
  }
}

/** Items of fixtures that may occur in one request. */
export interface ItemGroup {
  readonly items: readonly unknown[];
  /** A request with these items. */
  readonly request: (items: readonly unknown[]) => WebhookRequest;
}

/** The items of a vendor's requests. */
export interface Posts {
  /** Whether a request is an array of items; otherwise it is one item. */
  readonly areBatches: boolean;
  readonly groups: readonly ItemGroup[];
}

export function postsOf({ receiver, fixtures }: WebhookContext): Posts {
  const byHead = new Map<string, { readonly head: Head; readonly items: unknown[] }>();
  for (const fixture of fixtures) {
    const items = itemsOf(fixture);
    const head = { headers: fixture.request.headers, query: fixture.request.query };
    const key = JSON.stringify(head);
    const group = byHead.get(key) ?? { head, items: [] };
    group.items.push(...items);
    byHead.set(key, group);
  }
  const known = [...byHead.values()].filter(({ items }) => items.length > 0);
  const areBatches = known.some(({ head, items }) => takesBatches(receiver, head, items));
  const groups = known.map(({ head, items }) => ({
    items,
    request: (some: readonly unknown[]) => withBody(head, areBatches ? some : some[0]),
  }));
  return { areBatches, groups };
}

type Head = Omit<WebhookRequest, 'body'>;

function itemsOf({ request, expected }: Fixture): readonly unknown[] {
  const body = jsonOf(request.body);
  if (body === undefined || expected === 'malformed') return [];
  return Array.isArray(body.json) ? (body.json as readonly unknown[]) : [body.json];
}

function takesBatches(receiver: WebhookReceiver, head: Head, items: readonly unknown[]): boolean {
  return items.some((item) => {
    const pair = parsed(receiver, withBody(head, [item, item]));
    return pair !== 'malformed' && pair.length > 1;
  });
}

function withBody(head: Head, json: unknown): WebhookRequest {
  return { ...head, body: Buffer.from(stringifyJson(json) ?? '') };
}
