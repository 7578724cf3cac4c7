import { type FieldError, jsonPointer } from '@score-crm/adapter-kit';
import { isEmail } from 'class-validator';
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
    return [{ pointer: '/to', code: 'wrong_type', message: 'Give the recipients as an array of e-mail addresses.' }];
  }
  if (to.length > MAX_RECIPIENTS) {
    const message = `A test goes to ${String(MAX_RECIPIENTS)} recipients at most. Remove some.`;
    return [{ pointer: '/to', code: 'too_many', message }];
  }
  return to.flatMap((address: unknown, index) => {
    if (typeof address === 'string' && isEmail(address)) return [];
    const message = 'This is not an e-mail address. Write it as name@example.com.';
    return [{ pointer: jsonPointer('to', index), code: 'invalid_email', message }];
  });
}
