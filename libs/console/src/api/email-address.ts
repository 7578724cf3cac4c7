import { EMAIL_ADDRESS } from './rules.ts';

const PATTERN = new RegExp(EMAIL_ADDRESS.pattern, 'u');

/** Whether a text has the shape of an email address. The service also checks its length in bytes and its domain. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 2 * EMAIL_ADDRESS.maxLength && PATTERN.test(text);
}
