import { emailAddressProblem, type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { InvalidInputError } from '../connections/errors.ts';

const MAX_RECIPIENTS = 10;

/**
 * The recipients of a test; none means that nothing is sent.
 * @throws InvalidInputError
 */
export function readRecipients(to: unknown): readonly string[] {
  if (to === undefined) return [];
  const faults = recipientFaults(to);
  if (faults.length > 0) throw new InvalidInputError(faults);
  return to as string[];
}

function recipientFaults(to: unknown): FieldError[] {
  if (!Array.isArray(to)) {
    return [{ pointer: '/to', code: 'wrong_type', message: 'Send the recipients as an array of email addresses.' }];
  }
  if (to.length > MAX_RECIPIENTS) {
    const message = `A test goes to ${String(MAX_RECIPIENTS)} recipients at most. Remove some.`;
    return [{ pointer: '/to', code: 'too_many', message }];
  }
  return to.flatMap((address: unknown, index) => {
    const message = emailAddressProblem(typeof address === 'string' ? address : '');
    return message === undefined ? [] : [{ pointer: jsonPointer('to', index), code: 'invalid_email', message }];
  });
}
