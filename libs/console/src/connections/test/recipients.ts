import { isEmailAddress } from '../../api/email-address.ts';

/** As many as the service takes. */
export const MOST_RECIPIENTS = 10;

/** The addresses in a text, however they are separated. */
export function addressesIn(text: string): readonly string[] {
  return text.split(/[\s,;]+/).filter((address) => address !== '');
}

/** The recipients with what is still being typed; nobody twice. */
export function withTyped(recipients: readonly string[], typed: string): readonly string[] {
  return [...new Set([...recipients, ...addressesIn(typed)])];
}

/** What is wrong with the recipients; undefined if nothing is. */
export function faultOfRecipients(recipients: readonly string[]): string | undefined {
  if (recipients.length > MOST_RECIPIENTS) {
    return `A test goes to ${String(MOST_RECIPIENTS)} recipients at most. Remove some.`;
  }
  const wrong = recipients.filter((recipient) => !isEmailAddress(recipient));
  if (wrong.length === 0) return undefined;
  const are = wrong.length === 1 ? 'is no address' : 'are no addresses';
  return `${wrong.join(', ')} ${are}. Write it as name@example.com.`;
}
