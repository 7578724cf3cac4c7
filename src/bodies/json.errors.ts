import type { ExceededJsonLimit, JsonLimits } from '@score-crm/adapter-kit';
import { ServiceError } from '../problems/service.error.ts';

/** The body holds bytes that are not UTF-8. */
export class JsonNotUtf8Error extends ServiceError {
  readonly code = 'malformed';

  constructor() {
    super('The body is not valid UTF-8. Encode the JSON as UTF-8.');
  }
}

/** The body would take too long to parse. */
export class JsonTooComplexError extends ServiceError {
  readonly code = 'json_too_complex';

  constructor(exceeded: ExceededJsonLimit, { maxDepth, maxTokens }: JsonLimits) {
    super(
      exceeded === 'depth'
        ? `The JSON is nested too deeply. Use at most ${String(maxDepth)} levels.`
        : `The JSON has too many values. Send at most ${String(maxTokens)} values and member names.`,
    );
  }
}

/** The body is not JSON. */
export class MalformedJsonError extends ServiceError {
  readonly code = 'malformed';

  constructor() {
    super('The body is not valid JSON. Send one JSON value.');
  }
}
