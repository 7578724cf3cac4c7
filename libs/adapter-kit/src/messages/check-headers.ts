import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { headerForm } from './header-policy.ts';
import { headerValueProblem } from './header-value.ts';
import { refuseMember } from './refuse-member.ts';

// RFC 5322, 3.6.8
const HEADER_NAME = /^[\x21-\x39\x3b-\x7e]+$/;

/** Returns why a message may not set a header of this name, as a hint, or undefined if it may. */
export function headerNameProblem(name: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'Invalid header name. Use printable ASCII characters without a colon.';
  if (headerForm(name) !== undefined) return undefined;
  return 'This header cannot be set. Use the message’s own fields, or a header that starts with X-.';
}

/**
 * Returns what is wrong with the value of a header, as a hint. Undefined if the value is valid, or if the header cannot
 * be set at all.
 */
export function headerProblem(name: string, value: string): string | undefined {
  const form = headerForm(name);
  return form === undefined ? undefined : headerValueProblem(name, form, value);
}

/**
 * Checks the custom headers of a message.
 * @param isReserved whether the vendor sets a header of this (lowercase) name itself
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
      const hint = 'The vendor sets this header itself. Remove it.';
      refuseMember('invalid_request', path, hint);
    }
    if (seen.has(lower)) refuseMember('invalid_request', path, 'This header occurs twice. Remove one of them.');
    seen.add(lower);
    checkLine(value, path);
    const problem = headerProblem(name, value);
    if (problem !== undefined) refuseMember('invalid_request', path, problem);
  }
}
