import { type FieldError, SettingsField, validateSettings } from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { InvalidInputError } from '../connections/errors.ts';
import type { UsageKey } from '../persistence/connection-usages.repository.ts';
import {
  USAGE_CONSUMERS,
  USAGE_NAME_LENGTH,
  USAGE_STATUSES,
  type UsageConsumer,
  type UsageStatus,
} from '../persistence/schema/connection-usage-row.ts';

/** What a consumer says of its campaign or journey. */
export class UsageDetails {
  @SettingsField({ label: 'Name', placeholder: 'Spring sale' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(USAGE_NAME_LENGTH)
  name!: string;

  // A closed set: an unknown status taken for inactive would let a connection go that is in use, and taken for active
  // would keep one for ever.
  @SettingsField({ label: 'Status' })
  @IsIn(USAGE_STATUSES)
  status!: string;
}

export interface UsageClaim {
  readonly name: string;
  readonly status: UsageStatus;
}

/** Visible ASCII, so that every database compares it alike. A slash, `.` or `..` would be another path in a URL. */
const REF = /^(?!\.{1,2}$)[\x21-\x2e\x30-\x7e]{1,64}$/;

/** @throws InvalidInputError */
export function readUsageClaim(input: unknown): UsageClaim {
  const result = validateSettings(UsageDetails, input);
  if (!result.ok) throw new InvalidInputError(result.errors);
  const { name, status } = result.value;
  return { name, status: status as UsageStatus };
}

/** @throws InvalidInputError */
export function readUsageKey(connectionId: string, consumer: string, ref: string): UsageKey {
  const errors: FieldError[] = [];
  const known = USAGE_CONSUMERS.find((one) => one === consumer);
  if (known === undefined) errors.push(unknownConsumer());
  if (!REF.test(ref)) errors.push(invalidRef());
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { connectionId, consumer: known as UsageConsumer, ref };
}

function unknownConsumer(): FieldError {
  const message = `A connection is used by one of ${USAGE_CONSUMERS.join(', ')}.`;
  return { pointer: '/consumer', code: 'not_an_option', message };
}

function invalidRef(): FieldError {
  const message = 'Name the campaign or journey by 1 to 64 visible ASCII characters without a slash, e.g. its id.';
  return { pointer: '/ref', code: 'invalid', message };
}
