import { type MemberPath, refuseMember } from './refuse-member.ts';

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;

/** @throws AdapterError `invalid_request` if the text could break out of a header */
export function checkLine(text: string, path: MemberPath): void {
  if (!CONTROL.test(text)) return;
  refuseMember('invalid_request', path, 'A line break or another control character is not allowed here. Remove it.');
}
