import { type MemberPath, refuseMember } from './refuse-member.ts';

// Besides ASCII's control characters, also those of Latin-1 and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** Returns why a text is not a single line of complete characters, as a hint, or undefined if it is. */
function lineProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return 'Line breaks and control characters are not allowed. Remove them.';
  return /\p{Surrogate}/u.test(text) ? 'The text contains an incomplete character. Enter it again.' : undefined;
}

/**
 * Checks that a text is one line.
 * @throws AdapterError `invalid_request` if the text could break out of a header or contains a lone surrogate
 */
export function checkLine(text: string, path: MemberPath): void {
  const problem = lineProblem(text);
  if (problem !== undefined) refuseMember('invalid_request', path, problem);
}
