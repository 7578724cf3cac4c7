import { createHash, timingSafeEqual } from 'node:crypto';
import type { ParsedEvent } from '../events/email-event.ts';
import { exceededJsonLimit, parseJson, replaceDeepValues } from '../json/json.ts';
import type { WebhookHead, WebhookVerdict } from './webhook-receiver.ts';

type HeaderValue = WebhookHead['headers'][string];

/**
 * Returns the single value of a header or query parameter: empty if it is absent, undefined if it occurs more than
 * once, since it is ambiguous then.
 */
export function singleValue(value: HeaderValue): string | undefined {
  if (value === undefined || typeof value === 'string') return value ?? '';
  return value.length > 1 ? undefined : (value[0] ?? '');
}

/** Compares two secrets in a time that depends neither on their contents nor on their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return expected !== '' && timingSafeEqual(sha256(given), sha256(expected));
}

/** Returns whether a header or query parameter is the secret of the connection. One that occurs twice is `invalid`. */
export function secretVerdict(given: HeaderValue, expected: string): WebhookVerdict {
  const value = singleValue(given);
  if (value === '') return 'missing';
  return value !== undefined && sameSecret(value, expected) ? 'verified' : 'invalid';
}

/**
 * Returns whether the header `Authorization` has these credentials (Basic, RFC 7617). Another scheme is `malformed`, and
 * so is anything that is not base64 with a colon in it.
 */
export function basicVerdict(given: HeaderValue, username: string, password: string): WebhookVerdict {
  const value = singleValue(given);
  if (value === undefined) return 'invalid';
  if (value === '') return 'missing';
  const encoded = /^Basic +(\S+)$/i.exec(value)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || bytes.toString('base64') !== encoded) return 'malformed';
  // Both are always compared: the time must not show which was wrong.
  const matches = [sameSecret(text.slice(0, colon), username), sameSecret(text.slice(colon + 1), password)];
  return matches.every(Boolean) ? 'verified' : 'invalid';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The body of a webhook request is not a batch at all, so that not even its items can be distinguished. */
export class MalformedWebhookError extends Error {
  override readonly name = 'MalformedWebhookError';
}

/** Limits for the JSON of a webhook: vendors nest a handful of levels, and 2 million tokens are 60,000 events. */
export const WEBHOOK_JSON_LIMITS = { maxDepth: 100, maxTokens: 2_000_000 } as const;

const TOO_DEEP = `JSON is nested more than ${String(WEBHOOK_JSON_LIMITS.maxDepth)} levels deep.`;

/**
 * Parses a body that is a JSON array of items. A single object counts as an array of one, and an empty body (no bytes,
 * `[]`, `{}`) as none. Numbers keep their digits, see `parseJson`. An item that is nested too deeply does not affect
 * the others.
 * @param parseItem returns the events of an item: one, several or none
 * @throws MalformedWebhookError if the body is not JSON, neither array nor object, or exceeds WEBHOOK_JSON_LIMITS
 */
export function parseJsonBatch(
  body: Uint8Array,
  parseItem: (item: unknown) => ParsedEvent | readonly ParsedEvent[],
): readonly ParsedEvent[] {
  const { json, deepItems } = parseWebhookJson(body);
  if (json === undefined) return [];
  if (Array.isArray(json)) {
    return json.flatMap((item, index) => (deepItems.has(index) ? deepItem(item) : parseItem(item)));
  }
  if (typeof json !== 'object' || json === null) throw new MalformedWebhookError('The body is not a list of events.');
  if (deepItems.size > 0) throw new MalformedWebhookError(TOO_DEEP);
  const items = Object.keys(json).length === 0 ? [] : [json];
  return items.flatMap((item) => parseItem(item));
}

export interface WebhookJson {
  /** Undefined if the body is empty. Values that are nested too deeply are null. */
  readonly json: unknown;
  /** The positions of the items that lost a value; 0 if the body is not an array and lost one. */
  readonly deepItems: ReadonlySet<number>;
}

/**
 * Parses a body without recursing deeper than WEBHOOK_JSON_LIMITS.
 * @throws MalformedWebhookError if the body is not JSON, or has too many tokens
 */
export function parseWebhookJson(body: Uint8Array): WebhookJson {
  const text = new TextDecoder().decode(body).trim();
  if (text === '') return { json: undefined, deepItems: new Set() };
  const { maxDepth, maxTokens } = WEBHOOK_JSON_LIMITS;
  const isWithin = exceededJsonLimit(body, WEBHOOK_JSON_LIMITS) === undefined;
  const shallow = isWithin ? { text, items: new Set<number>() } : replaceDeepValues(text, maxDepth);
  if (!isWithin && exceededJsonLimit(shallow.text, { maxDepth, maxTokens }) !== undefined) {
    throw new MalformedWebhookError('JSON has too many values.');
  }
  try {
    return { json: parseJson(shallow.text), deepItems: shallow.items };
  } catch {
    throw new MalformedWebhookError('The body is not JSON.');
  }
}

function deepItem(item: unknown): ParsedEvent {
  return { ok: false, reason: TOO_DEEP, raw: item };
}
