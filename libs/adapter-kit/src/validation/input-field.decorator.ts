import type { Type } from '@nestjs/common';
import { declareField, type EntryRules, type FieldType, scalarTypeOf } from './field.ts';

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
