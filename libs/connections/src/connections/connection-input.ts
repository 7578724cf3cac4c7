import { type FieldError, IsEmailAddress, jsonPointer, SettingsField, validateSettings } from '@score-crm/adapter-kit';
import { IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { InvalidInputError } from './errors.ts';
import { isSenderAllowed, readSenderDomains, senderNotAllowed } from './sender-domains.ts';

/** What a connection has whatever its vendor is. */
export class ConnectionDetails {
  @SettingsField({ label: 'Name', placeholder: 'SendGrid Production' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  name!: string;

  @SettingsField({ label: 'From email', help: 'The default sender.' })
  @IsOptional()
  @IsEmailAddress()
  fromEmail?: string;

  @SettingsField({ label: 'From name', help: 'The default sender’s name.' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  fromName?: string;
}

export interface CheckedDetails extends ConnectionDetails {
  /** As `readSenderDomains` returns them. */
  readonly allowedSenderDomains: readonly string[] | null;
}

/** What a caller sent, looked at only as far as to tell its members apart. */
export interface RawInput {
  readonly details: Readonly<Record<string, unknown>>;
  readonly rest: Readonly<Record<string, unknown>>;
}

const DETAILS = ['name', 'fromEmail', 'fromName', 'allowedSenderDomains'];
const MAX_ERRORS = 100;

/**
 * Splits an input into the connection's own details and the other members that a call takes.
 * @throws InvalidInputError if it is no object or has a member that the call does not take.
 */
export function splitInput(input: unknown, others: readonly string[]): RawInput {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidInputError([{ pointer: '', code: 'wrong_type', message: 'Send a JSON object.' }]);
  }
  const details: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (errors.length === MAX_ERRORS) break;
    if (DETAILS.includes(member)) details[member] = value;
    else if (others.includes(member)) rest[member] = value;
    else errors.push(unknownMember(member, [...DETAILS, ...others]));
  }
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { details, rest };
}

/** The faults of the details, or the details. Null counts as absent. */
export function readDetails(details: Readonly<Record<string, unknown>>): CheckedDetails | readonly FieldError[] {
  const { allowedSenderDomains, ...others } = details;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null));
  const result = validateSettings(ConnectionDetails, given);
  const errors: FieldError[] = result.ok ? [] : [...result.errors];
  const domains = readSenderDomains(allowedSenderDomains, errors);
  if (!result.ok || errors.length > 0) return errors;
  const { fromEmail } = result.value;
  if (fromEmail !== undefined && !isSenderAllowed(fromEmail, domains)) return [senderNotAllowed('/fromEmail')];
  return Object.assign(result.value, { allowedSenderDomains: domains });
}

function unknownMember(member: string, known: readonly string[]): FieldError {
  if (member === 'vendor') {
    const message = 'The vendor of a connection cannot be changed. Create a new connection instead.';
    return { pointer: '/vendor', code: 'immutable', message };
  }
  const message = `There is no such member. Remove it; the members are ${known.join(', ')}.`;
  return { pointer: jsonPointer(member), code: 'unknown_field', message };
}
