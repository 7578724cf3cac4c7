import { EMAIL_ADDRESS, LIMITS } from './rules.ts';

const PATTERN = new RegExp(EMAIL_ADDRESS.pattern, 'u');

/** Whether a text has the shape of an email address. The service also checks its length in bytes and its domain. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 2 * EMAIL_ADDRESS.maxLength && PATTERN.test(text);
}

/**
 * What is wrong with an email address; undefined if it is valid.
 * @param otherwise what else the user can do, such as `, or leave it empty`
 */
export function faultOfAddress(address: string, otherwise = ''): string | undefined {
  return isEmailAddress(address) ? undefined : `Enter a complete address, such as news@example.com${otherwise}.`;
}

/** What is wrong with the recipients of a test; undefined if they are valid. */
export function faultOfRecipients(recipients: readonly string[]): string | undefined {
  if (recipients.length > LIMITS.testRecipients) {
    return `A test can have at most ${String(LIMITS.testRecipients)} recipients. Remove some.`;
  }
  const wrong = recipients.filter((recipient) => !isEmailAddress(recipient));
  if (wrong.length === 0) return undefined;
  const are = wrong.length === 1 ? 'is not a valid email address' : 'are not valid email addresses';
  return `${wrong.join(', ')} ${are}. Use the form name@example.com.`;
}

/** What is wrong with the length of a text, in characters as JSON Schema counts them; undefined if it is valid. */
export function faultOfLength(text: string, minimum: number, maximum: number): string | undefined {
  const length = Array.from(text).length;
  if (length < minimum)
    return `This is too short. Use at least ${String(minimum)} characters; it has ${String(length)}.`;
  if (length > maximum) return `This is too long. Use at most ${String(maximum)} characters; it has ${String(length)}.`;
  return undefined;
}

/** The entries of a list that was typed as text, separated by commas, semicolons or spaces. */
export function entriesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((entry) => entry !== '');
}
