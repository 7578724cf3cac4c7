import { checkInput, type FieldError, InputField } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, MaxLength } from 'class-validator';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { USAGE_CONSUMERS, USAGE_STATUSES, type UsageConsumer, type UsageStatus } from '../errors/connections.error.ts';
import { USAGE_NAME_LENGTH, type UsageKey } from './connection-usages.repository.ts';

/** What a campaign or journey reports when it claims a connection. */
export class ClaimUsageInput {
  @InputField({ label: 'Name', help: 'Name of the campaign or journey.', example: 'Spring sale' })
  @IsNotEmpty()
  @MaxLength(USAGE_NAME_LENGTH)
  name!: string;

  // A closed set: an unknown status treated as inactive would let a connection in use be deleted, and one treated as
  // active would keep it forever.
  @InputField({ label: 'Status', help: 'Status of the campaign or journey.', example: 'running', type: 'string' })
  @IsIn(USAGE_STATUSES)
  status!: UsageStatus;
}

/** Where the usages of a connection go. */
export class MoveUsagesInput {
  @InputField({ label: 'To', help: 'ID of the enabled connection that takes them over.' })
  @MaxLength(36)
  to!: string;
}

/** @throws InvalidInputError */
export function readMove(from: string, input: MoveUsagesInput): MoveUsagesInput {
  const { errors, valid } = checkInput(MoveUsagesInput, input);
  if (valid.to === from) {
    const message = 'The usages already belong to this connection. Choose another one.';
    errors.push({ pointer: '/to', code: 'not_an_option', message });
  }
  if (errors.length > 0) throw new InvalidInputError(errors);
  return valid as MoveUsagesInput;
}

/** Visible ASCII, so that every database compares it alike. A slash, `.` or `..` would be another path in a URL. */
const REF = /^(?!\.{1,2}$)[\x21-\x2e\x30-\x7e]{1,64}$/;

/** @throws InvalidInputError */
export function readClaim(
  connectionId: string,
  consumer: string,
  ref: string,
  input: ClaimUsageInput,
): { readonly key: UsageKey; readonly claim: ClaimUsageInput } {
  const { errors, valid } = checkInput(ClaimUsageInput, input);
  errors.unshift(...keyErrors(consumer, ref));
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { key: { connectionId, consumer: consumer as UsageConsumer, ref }, claim: valid as ClaimUsageInput };
}

/** @throws InvalidInputError */
export function readUsageKey(connectionId: string, consumer: string, ref: string): UsageKey {
  const errors = keyErrors(consumer, ref);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { connectionId, consumer: consumer as UsageConsumer, ref };
}

function keyErrors(consumer: string, ref: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!USAGE_CONSUMERS.some((known) => known === consumer)) {
    const message = `Unknown consumer. Use one of: ${USAGE_CONSUMERS.join(', ')}.`;
    errors.push({ pointer: '/consumer', code: 'not_an_option', message });
  }
  if (!REF.test(ref)) {
    const message = 'The reference must be 1 to 64 visible ASCII characters without a slash, such as an id.';
    errors.push({ pointer: '/ref', code: 'invalid', message });
  }
  return errors;
}
