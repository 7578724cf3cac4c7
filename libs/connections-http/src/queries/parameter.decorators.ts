import { rfc3339Time } from '@score-crm/adapter-kit';
import { INVALID_CURSOR, PAGE_LIMITS, parsePosition } from '@score-crm/connections';
import { ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, ValidateBy, type ValidationArguments } from 'class-validator';

/** The vendors of the application, on the object that `QueryPipe` validates: decorators have no access to providers. */
export const VENDORS = Symbol('vendors');

/** How much of a wrong value a message repeats. */
const SHOWN_CHARACTERS = 50;

/** A whole number from 1 to `max`. */
export function IsNumberParameter(max: number): PropertyDecorator {
  const isValid = (value: unknown): boolean => typeof value === 'number' && value >= 1 && value <= max;
  const check = IsParameter('out_of_range', isValid, `Use a whole number from 1 to ${String(max)}.`);
  const parse = Transform(({ value }: { value: unknown }) => (/^\d{1,9}$/.test(String(value)) ? Number(value) : value));
  return (target, property) => {
    parse(target, property);
    check(target, property);
  };
}

/** `true` or `false`. Becomes a boolean. */
export function IsBooleanParameter(): PropertyDecorator {
  const isValid = (value: unknown): boolean => typeof value === 'boolean';
  const check = IsParameter('not_an_option', isValid, 'Use true or false.');
  const parse = Transform(({ value }: { value: unknown }) =>
    value === 'true' || value === 'false' ? value === 'true' : value,
  );
  return (target, property) => {
    parse(target, property);
    check(target, property);
  };
}

/** @param decode throws for an invalid cursor */
export function IsCursor(decode: (cursor: string) => unknown): PropertyDecorator {
  return IsParameter('invalid_cursor', (value) => isDecoded(value, decode), INVALID_CURSOR);
}

/** A position of the feed, or its end. */
export function IsFeedPosition(): PropertyDecorator {
  const isValid = (value: unknown): boolean => value === 'end' || isDecoded(value, parsePosition);
  const message = 'Invalid position. Use the `position` of an event, `next` of the previous response, or `end`.';
  return IsParameter('invalid_position', isValid, message);
}

/** The key of a vendor that the application has an adapter for. */
export function IsVendor(): PropertyDecorator {
  const vendorsOf = (given?: ValidationArguments): readonly string[] | undefined => {
    const query: { readonly [VENDORS]?: readonly string[] } = given?.object ?? {};
    return query[VENDORS];
  };
  return ValidateBy({
    name: 'unknown_vendor',
    validator: {
      // A pipe of the application does not know the vendors. `QueryPipe` checks the value after it.
      validate: (value, given) => vendorsOf(given)?.some((vendor) => vendor === value) ?? true,
      defaultMessage: (given) => `Unknown vendor. Use one of: ${(vendorsOf(given) ?? []).join(', ')}.`,
    },
  });
}

export function IsOneOf(values: readonly string[]): PropertyDecorator {
  const isValid = (value: unknown): boolean => values.some((known) => known === value);
  return IsParameter('not_an_option', isValid, `Use one of: ${values.join(', ')}.`);
}

/** Some of these values, separated by commas. Becomes an array without repetitions. */
export function IsSomeOf(values: readonly string[]): PropertyDecorator {
  const unknownIn = (list: unknown): string[] => (list as string[]).filter((value) => !values.includes(value));
  const check = ValidateBy({
    name: 'not_an_option',
    validator: {
      validate: (list) => unknownIn(list).length === 0,
      defaultMessage: (given) => {
        const [unknown = ''] = unknownIn(given?.value);
        return `Unknown value: ${JSON.stringify(unknown.slice(0, SHOWN_CHARACTERS))}. Use one or more of: ${values.join(', ')}.`;
      },
    },
  });
  const parse = Transform(({ value }: { value: unknown }) => [...new Set(String(value).split(','))]);
  return (target, property) => {
    parse(target, property);
    check(target, property);
  };
}

/** A time in RFC 3339 format. Becomes a Date. */
export function IsTimeParameter(): PropertyDecorator {
  const isValid = (value: unknown): boolean => value instanceof Date;
  const check = IsParameter('invalid_time', isValid, 'Use a time in RFC 3339 format, such as 2026-01-31T08:00:00Z.');
  const parse = Transform(({ value }: { value: unknown }) => rfc3339Time(String(value)) ?? value);
  return (target, property) => {
    parse(target, property);
    check(target, property);
  };
}

/** @param maxLength in characters */
export function IsTextParameter(maxLength: number): PropertyDecorator {
  const isValid = (value: unknown): boolean => String(value).length <= maxLength;
  return IsParameter('too_long', isValid, `Use at most ${String(maxLength)} characters.`);
}

/** An address to compare with: any that an event may have, not only those that messages can be sent to. */
export function IsRecipient(): PropertyDecorator {
  const isValid = (value: unknown): boolean => /^\P{Cc}+@[^\p{Cc}@]+$/u.test(String(value));
  return IsParameter('invalid', isValid, 'Use a complete email address, such as ada@example.com.');
}

/** The domain of addresses to compare with. */
export function IsRecipientDomain(): PropertyDecorator {
  const isValid = (value: unknown): boolean => /^[^\p{Cc}\s@]{1,255}$/u.test(String(value));
  return IsParameter('invalid', isValid, 'Use the part of an email address after the @, such as example.com.');
}

/** @param decode throws for an invalid text */
function isDecoded(value: unknown, decode: (text: string) => unknown): boolean {
  try {
    decode(String(value));
    return true;
  } catch {
    return false;
  }
}

/** A rule whose name is the code of its error. */
function IsParameter(code: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator {
  return ValidateBy({ name: code, validator: { validate, defaultMessage: () => message } });
}

/** The parameters of every list. */
export abstract class PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: PAGE_LIMITS.max,
    default: PAGE_LIMITS.default,
    description: 'The maximum number of items to return.',
  })
  @IsOptional()
  @IsNumberParameter(PAGE_LIMITS.max)
  readonly limit?: number;
}

/** `cursor` of every list. */
export const CURSOR = { description: '`nextCursor` of the previous page.' };

/** `nextCursor` of every page. */
export const NEXT_CURSOR: ApiPropertyOptions = {
  type: String,
  nullable: true,
  description: 'Pass it as `cursor` to fetch the next page. Null on the last page.',
};
