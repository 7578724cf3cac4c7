import { type MemberPath, refuseMember } from './refuse-member.ts';

// Beside ASCII's control characters those of Latin-1, and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** What keeps a text from being one line of whole characters, as a hint; undefined if nothing does. */
function lineProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return 'This contains a line break or another control character. Remove it.';
  return /\p{Surrogate}/u.test(text) ? 'This contains half a character. Enter it again.' : undefined;
}

/** @throws AdapterError `invalid_request` if the text could break out of a header, or holds half a character */
export function checkLine(text: string, path: MemberPath): void {
  const problem = lineProblem(text);
  if (problem !== undefined) refuseMember('invalid_request', path, problem);
}
