/** One error in an input. */
export interface FieldError {
  /** JSON pointer (RFC 6901) relative to the input, e.g. `/port` or `/to/0/email`; empty for the input as a whole. */
  readonly pointer: string;
  /**
   * Stable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, `not_an_option`, `too_short`, `too_long`,
   * `too_many`, `control_character`, `not_applicable`, `not_allowed`, the code of a rule, or `invalid` for any other rule.
   */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A FieldError without its place. */
export type Problem = Omit<FieldError, 'pointer'>;

/** How many errors are reported of one input. */
export const MAX_FIELD_ERRORS = 100;

/** The pointer of a member, escaped as RFC 6901 requires. */
export function jsonPointer(...path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
