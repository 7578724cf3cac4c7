import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import type { Problem } from './field-error.ts';

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
