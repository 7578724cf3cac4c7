import type { ParsedEvent } from '../events/email-event.ts';
import { exceededJsonLimit, replaceDeepValues } from '../json/json-limits.ts';
import { parseJson } from '../json/lossless-json.ts';

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
  const isWithin = exceededJsonLimit(text, WEBHOOK_JSON_LIMITS) === undefined;
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
