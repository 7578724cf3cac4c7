import type { ExceededJsonLimit, JsonLimits } from '@score-crm/adapter-kit';

/** The body holds bytes that are not UTF-8. */
export class JsonNotUtf8Error extends Error {
  override readonly name = 'JsonNotUtf8Error';

  constructor() {
    super('The body is not valid UTF-8. Encode the JSON as UTF-8.');
  }
}

/** The body would take too long to parse. */
export class JsonTooComplexError extends Error {
  override readonly name = 'JsonTooComplexError';

  constructor(exceeded: ExceededJsonLimit, { maxDepth, maxTokens }: JsonLimits) {
    super(
      exceeded === 'depth'
        ? `The JSON is nested too deeply. Use at most ${String(maxDepth)} levels.`
        : `The JSON has too many values. Send at most ${String(maxTokens)} values and member names.`,
    );
  }
}

/** The body is not JSON, or has a name such as `__proto__`. */
export class MalformedJsonError extends Error {
  override readonly name = 'MalformedJsonError';

  constructor() {
    super('The body is not valid JSON. Send one JSON value.');
  }
}
