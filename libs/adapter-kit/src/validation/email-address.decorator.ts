import { SatisfiesText } from './satisfies-text.decorator.ts';
import { emailAddressProblem } from '../addresses/email-address.ts';

/** Accepts one email address without a name, by the same rule as the addresses of messages. */
export function IsEmailAddress(options: { readonly each?: boolean } = {}): PropertyDecorator {
  return SatisfiesText({ name: 'isEmailAddress', code: 'invalid_email', problem: emailAddressProblem, ...options });
}
