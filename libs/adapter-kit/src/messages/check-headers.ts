import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { headerForm } from './header-policy.ts';
import { headerValueProblem } from './header-value.ts';
import { refuseMember } from './refuse-member.ts';

// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/** Why a message may not set a header of this name, as a hint; undefined if it may. */
export function headerNameProblem(name: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'A header name consists of printable ASCII characters without a colon.';
  if (headerForm(name) !== undefined) return undefined;
  return 'A message may not set this header. Use the fields of the message, or a header that starts with X-.';
}

/** What is wrong with the value of a header, as a hint; undefined if nothing is, or if a message may not set it at all. */
export function headerProblem(name: string, value: string): string | undefined {
  const form = headerForm(name);
  return form === undefined ? undefined : headerValueProblem(name, form, value);
}

/**
 * @param isReserved whether the vendor writes a header of this name, in lower case, itself
 * @throws AdapterError `invalid_request`, with the pointer of the header
 */
export function checkHeaders(
  { headers = {} }: EmailMessage,
  isReserved: (name: string) => boolean = () => false,
): void {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const path = ['headers', name];
    const lower = name.toLowerCase();
    const unusable = headerNameProblem(name);
    if (unusable !== undefined) refuseMember('invalid_request', path, unusable);
    if (isReserved(lower)) {
      const hint = 'The vendor writes this header itself. Remove it.';
      refuseMember('invalid_request', path, hint);
    }
    if (seen.has(lower)) refuseMember('invalid_request', path, 'This header is named twice. Name it once.');
    seen.add(lower);
    checkLine(value, path);
    const problem = headerProblem(name, value);
    if (problem !== undefined) refuseMember('invalid_request', path, problem);
  }
}
