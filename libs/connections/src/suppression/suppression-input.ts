import { checkInput, InputField, IsEmailAddress } from '@score-crm/adapter-kit';
import type { Type } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, IsOptional, MaxLength } from 'class-validator';
import { EVENT_LENGTHS } from '../events/events.repository.ts';
import { InvalidInputError } from '../input/invalid-input.error.ts';
import { NOTE_LENGTH } from './suppressions.repository.ts';

/** An address that is to be suppressed. */
export class AddSuppressionInput {
  @InputField({ label: 'Address', help: 'The address to suppress.', example: 'ada@example.com' })
  @IsEmailAddress()
  address!: string;

  @InputField({ label: 'Note', help: 'Why it is suppressed, for your own records.', example: 'Asked by phone' })
  @IsOptional()
  @MaxLength(NOTE_LENGTH)
  note?: string;
}

/** How many addresses one check may have. */
const MAX_CHECKED = 1_000;

/** Addresses to check. */
export class CheckSuppressionsInput {
  @InputField({
    label: 'Addresses',
    help: `Up to ${String(MAX_CHECKED)} addresses, in any case and with the domain in either spelling.`,
    example: ['ada@example.com', 'eve@example.com'],
    items: 'string',
  })
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CHECKED)
  @MaxLength(EVENT_LENGTHS.recipient, { each: true })
  addresses!: readonly string[];
}

/** @throws InvalidInputError */
export function readInput<Input extends object>(type: Type<Input>, input: Input): Input {
  const { errors, valid } = checkInput(type, input);
  if (errors.length > 0) throw new InvalidInputError(errors);
  return valid as Input;
}
