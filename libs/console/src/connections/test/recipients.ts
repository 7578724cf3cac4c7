import { isEmailAddress } from '../../api/email-address.ts';

/** As many as the service accepts. */
export const MOST_RECIPIENTS = 10;

/** The addresses in a text, however they are separated. */
export function addressesIn(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((address) => address !== '');
}

/** The recipients with what is still being typed, without repetitions. */
export function withTyped(recipients: readonly string[], typed: string): readonly string[] {
  return [...new Set([...recipients, ...addressesIn(typed)])];
}

/** What is wrong with the recipients; undefined if they are valid. */
export function faultOfRecipients(recipients: readonly string[]): string | undefined {
  if (recipients.length > MOST_RECIPIENTS) {
    return `A test can have at most ${String(MOST_RECIPIENTS)} recipients. Remove some.`;
  }
  const wrong = recipients.filter((recipient) => !isEmailAddress(recipient));
  if (wrong.length === 0) return undefined;
  const are = wrong.length === 1 ? 'is not a valid email address' : 'are not valid email addresses';
  return `${wrong.join(', ')} ${are}. Use the form name@example.com.`;
}
