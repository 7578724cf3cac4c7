import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { applyDecorators, type Type } from '@nestjs/common';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, registerDecorator, ValidateBy } from 'class-validator';
import 'reflect-metadata';
import { emailAddressProblem } from '../addresses/email-address.ts';

/** One error in an input. */
export interface FieldError {
  /** JSON pointer (RFC 6901) relative to the input, e.g. `/port` or `/to/0/email`; empty for the input as a whole. */
  readonly pointer: string;
  /**
   * Stable: `required`, `unknown_field`, `wrong_type`, `out_of_range`, `not_an_option`, `too_short`, `too_long`,
   * `too_many`, `control_character`, `not_applicable`, `not_allowed`, the code of a rule, or `invalid` for any other rule.
   */
  readonly code: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

/** A FieldError without its place. */
export type Problem = Omit<FieldError, 'pointer'>;

/** How many errors are reported of one input. */
export const MAX_FIELD_ERRORS = 100;

/** The pointer of a member, escaped as RFC 6901 requires. */
export function jsonPointer(...path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Whether a member of the input has an error, itself or in something that it contains. */
export function hasErrorAt(errors: readonly FieldError[], member: string): boolean {
  return errors.some(({ pointer }) => pointer === '' || pointer === member || pointer.startsWith(`${member}/`));
}

export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  /** A Uint8Array, or base64 with padding. */
  | 'bytes'
  /** A Date, or RFC 3339. */
  | 'time'
  /** An object that other rules check, such as the settings of a vendor. It is passed on as it was given. */
  | 'object'
  /** An object of a declared class. */
  | 'class'
  | 'list'
  /** Texts under names of the sender's choice. */
  | 'map';

/** One member of an input, as its decorator declares it. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly label: string;
  readonly help?: string;
  readonly example?: unknown;
  readonly secret?: boolean;
  readonly options?: readonly SettingsOption[];
  readonly showIf?: ShowIf;
  readonly multiline?: boolean;
  readonly anyCharacters?: boolean;
  readonly mayBeEmpty?: boolean;
  /** True: null is a value. False: null is an error. Undefined: null is the same as absent. */
  readonly nullable?: boolean;
  /** The class of a `class`, or of the items of a `list`; the items are text without it. */
  readonly of?: () => Type<object>;
  readonly entries?: EntryRules;
}

export interface ShowIf {
  readonly field: string;
  readonly in: readonly (string | number | boolean)[];
}

export interface SettingsOption {
  readonly value: string;
  readonly label: string;
}

/** The rules of a `map`. Lengths are in characters. */
export interface EntryRules {
  readonly maxEntries: number;
  readonly maxNameLength: number;
  readonly maxLength: number;
  /** Why an entry is not accepted; undefined if it is. */
  readonly check?: (name: string, value: string) => Problem | undefined;
}

// The name from before there were other inputs than settings, so that an older copy of the package finds its fields.
const FIELDS = Symbol.for('@score-crm/adapter-kit:settings-fields');

const TYPES = new Map<unknown, 'string' | 'integer' | 'boolean'>([
  [String, 'string'],
  [Number, 'integer'],
  [Boolean, 'boolean'],
]);

/** The type of a decorated property; undefined unless it is declared as string, number or boolean. */
export function scalarTypeOf(target: object, property: string | symbol): 'string' | 'integer' | 'boolean' | undefined {
  return TYPES.get(Reflect.getMetadata('design:type', target, property));
}

/** Adds a field to a class. A class that extends another may declare a field of that class again, in its place. */
export function declareField(target: object, field: Field): void {
  const fields = fieldsOn(target);
  const isRedeclared = fields.some((other) => other.name === field.name);
  const all = isRedeclared ? fields.map((other) => (other.name === field.name ? field : other)) : [...fields, field];
  Reflect.defineMetadata(FIELDS, all, target);
}

/** The fields of a class in the order of their declaration, those of its base class first. */
export function fieldsOf(type: { readonly prototype: object }): readonly Field[] {
  return fieldsOn(type.prototype);
}

function fieldsOn(target: object): readonly Field[] {
  return (Reflect.getMetadata(FIELDS, target) as readonly Field[] | undefined) ?? [];
}

// Beside ASCII's control characters those of Latin-1, and the separators that some programs treat as line breaks.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_IN_A_LINE = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_IN_LINES = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/;

/**
 * What must hold for a text before any other rule sees it: a sensible length, no control characters and whole characters.
 * @param maxLength in characters, as JSON Schema counts
 */
export function textProblem(
  text: string,
  { label, multiline, anyCharacters }: Pick<Field, 'label' | 'multiline' | 'anyCharacters'>,
  maxLength: number | undefined,
): Problem | undefined {
  if (maxLength !== undefined && isLonger(text, maxLength)) {
    return { code: 'too_long', message: `${label} is too long. Enter at most ${characters(maxLength)}.` };
  }
  if (anyCharacters !== true && (multiline === true ? NOT_IN_LINES : NOT_IN_A_LINE).test(text)) {
    const what = multiline === true ? 'a control character' : 'a line break or another control character';
    return { code: 'control_character', message: `${label} contains ${what}. Remove it.` };
  }
  if (text.isWellFormed()) return undefined;
  return { code: 'invalid', message: `${label} contains an incomplete character. Enter it again.` };
}

/** A number of characters in words. */
export function characters(count: number): string {
  return count === 1 ? 'one character' : `${String(count)} characters`;
}

/** A character has at most two units. */
function isLonger(text: string, maximum: number): boolean {
  if (text.length <= maximum || text.length > 2 * maximum) return text.length > maximum;
  let count = 0;
  for (let at = 0; at < text.length && count <= maximum; at += 1, count += 1) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) at += 1;
  }
  return count > maximum;
}

export interface TextRule {
  /** Unique among the rules of a property. */
  readonly name: string;
  readonly code: string;
  /** What is wrong with a text and what to do; undefined if nothing is. */
  readonly problem: (text: string) => string | undefined;
  /** Whether it is a rule for each item of a list. */
  readonly each?: boolean;
}

/** Accepts text that has no problem. Unlike the rules of class-validator, it has a code and one message for each problem. */
export function SatisfiesText({ name, code, problem, each = false }: TextRule): PropertyDecorator {
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value) => typeof value === 'string' && problem(value) === undefined,
        defaultMessage: (given) => problem(String(given?.value)) ?? '',
      },
    },
    { each, context: { code } },
  );
}

/** What a member of an input is for. What it must look like is declared by class-validator's decorators beside it. */
export interface InputFieldOptions {
  /** What error messages call it. */
  readonly label: string;
  /** What it means to the caller: its description in the OpenAPI document. */
  readonly help?: string;
  readonly example?: unknown;
  /** The property's own type by default, if that is string, number (an integer) or boolean. */
  readonly type?: 'string' | 'bytes' | 'time' | 'object' | (() => Type<object>);
  /** Makes it an array: of texts, or of objects of a class. Limit it with `@ArrayMaxSize`; the default is 1,000. */
  readonly items?: 'string' | (() => Type<object>);
  /** Makes it an object with names of the sender's choice. */
  readonly entries?: EntryRules;
  /** Whether null is a value, such as one that clears what is stored. Otherwise null is an error. */
  readonly nullable?: boolean;
  /** Whether empty text is a value. Otherwise an empty text is the same as a missing one where the field is required. */
  readonly mayBeEmpty?: boolean;
  /** Whether text may contain any character. Otherwise line breaks and other control characters are refused. */
  readonly anyCharacters?: boolean;
  readonly secret?: boolean;
}

/**
 * Declares a property as a member of an input that `validateInput` accepts.
 * @throws TypeError at load time for a declaration that cannot work.
 */
export function InputField({ type, items, entries, ...options }: InputFieldOptions): PropertyDecorator {
  return (target, property) => {
    const name = String(property);
    const { nullable = false } = options;
    const declare = (resolved: FieldType, of?: () => Type<object>): void => {
      const field = { ...options, nullable, name, type: resolved, ...(entries === undefined ? {} : { entries }) };
      declareField(target, of === undefined ? field : { ...field, of });
    };
    if (entries !== undefined) declare('map');
    else if (items !== undefined) declare('list', items === 'string' ? undefined : items);
    else if (typeof type === 'function') declare('class', type);
    else {
      const resolved = type ?? scalarTypeOf(target, property);
      if (resolved === undefined) throw new TypeError(`@InputField: ${name} needs the option type, items or entries.`);
      declare(resolved);
    }
  };
}

/** Accepts one email address without a name, by the same rule as the addresses of messages. */
export function IsEmailAddress(options: { readonly each?: boolean } = {}): PropertyDecorator {
  return SatisfiesText({ name: 'isEmailAddress', code: 'invalid_email', problem: emailAddressProblem, ...options });
}

/**
 * Accepts an API key, or another secret that a vendor issues: up to 512 visible ASCII characters, which an HTTP header can contain. Its format
 * is up to the vendor.
 */
export function IsApiKey({ optional = false }: { readonly optional?: boolean } = {}): PropertyDecorator {
  const message = '$property must be only the key, without spaces or special characters';
  const presence = optional ? IsOptional() : IsNotEmpty();
  return applyDecorators(IsString(), presence, MaxLength(512), Matches(/^[\x21-\x7e]*$/, { message }));
}

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** Accepts a host name (also of one label, also internationalised) or an IP address; no port, no scheme, no brackets. */
export function IsHostname(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isHostname',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isHostname,
        defaultMessage: () =>
          '$property must be a host name or an IP address alone, without a scheme, a port or a path',
      },
    });
  };
}

function isHostname(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 253 || /[\s/:@?#%[\]\\]/.test(value)) {
    return typeof value === 'string' && isIPv6(value) && !value.includes('%');
  }
  if (isIPv4(value)) return true;
  const ascii = domainToASCII(value.replace(/\.$/, ''));
  const labels = ascii.split('.');
  // A name that ends in a number is an address written badly (RFC 3696 section 2), and domainToASCII would mend some.
  if (ascii.length > 253 || /^\d+$/.test(labels.at(-1) ?? '')) return false;
  return labels.every((label) => LABEL.test(label));
}
