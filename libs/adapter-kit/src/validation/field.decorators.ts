import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Type } from '@nestjs/common';
import { registerDecorator, ValidateBy } from 'class-validator';
import { declareField, type EntryRules, type FieldType, scalarTypeOf } from './field.ts';
import { emailAddressProblem } from '../addresses/email-address.ts';

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
