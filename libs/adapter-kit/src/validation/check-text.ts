import type { Field } from './field.ts';
import type { Problem } from './field-error.ts';

// Beside ASCII's control characters those of Latin-1, and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_IN_A_LINE = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_IN_LINES = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/**
 * What must hold for a text before any other rule sees it: a sensible length, no control characters and whole characters.
 * @param maxLength in characters, as JSON Schema counts
 */
export function textProblem(
  text: string,
  { label, multiline, anyCharacters }: Pick<Field, 'label' | 'multiline' | 'anyCharacters'>,
  maxLength: number | undefined,
): Problem | undefined {
  if (maxLength !== undefined && isLonger(text, maxLength)) {
    return { code: 'too_long', message: `${label} is too long. Enter at most ${characters(maxLength)}.` };
  }
  if (anyCharacters !== true && (multiline === true ? NOT_IN_LINES : NOT_IN_A_LINE).test(text)) {
    const what = multiline === true ? 'a control character' : 'a line break or another control character';
    return { code: 'control_character', message: `${label} contains ${what}. Remove it.` };
  }
  if (text.isWellFormed()) return undefined;
  return { code: 'invalid', message: `${label} contains an incomplete character. Enter it again.` };
}

/** A number of characters in words. */
export function characters(count: number): string {
  return count === 1 ? 'one character' : `${String(count)} characters`;
}

/** A character has at most two units. */
function isLonger(text: string, maximum: number): boolean {
  if (text.length <= maximum || text.length > 2 * maximum) return text.length > maximum;
  let count = 0;
  for (let at = 0; at < text.length && count <= maximum; at += 1, count += 1) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) at += 1;
  }
  return count > maximum;
}
