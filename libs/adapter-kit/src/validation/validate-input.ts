import { types } from 'node:util';
import type { Type } from '@nestjs/common';
import { isISO8601, isRFC3339 } from 'class-validator';
import {
  characters,
  type EntryRules,
  type Field,
  type FieldError,
  jsonPointer,
  MAX_FIELD_ERRORS,
  type Problem,
  textProblem,
} from './fields.ts';
import { type ClassRules, type FieldRules, type Keywords, type Rule, rulesOf } from './rules.ts';

export type InputValidation<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      /** One to 100, in the order of the declared fields, unknown fields last. */
      readonly errors: readonly FieldError[];
      /** The fields without an error, so that a caller can check what depends on them. Lists may have gaps. */
      readonly valid: Partial<T>;
    };

/** Declared classes that contain each other may be nested as deeply. */
const MAX_DEPTH = 32;

/** Names that an object of JavaScript has anyway: copied carelessly, a value of such a name changes all objects. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const MAX_YEAR = 9999;

const SHAPES = {
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  bytes: 'base64 text',
  time: 'a time',
  object: 'a JSON object',
  class: 'a JSON object',
  list: 'an array',
  map: 'a JSON object with text values',
} as const;

/**
 * Checks an input against a class whose fields are declared by `@InputField` or `@SettingsField` and class-validator's
 * decorators. Shapes come first, so that rules only meet values of the declared type and of a sensible size.
 *
 * Only own, declared members are accepted, and only while their `showIf` holds. An absent member takes the class's
 * default; so does null of a settings field. Nothing is converted, dropped or shortened: what is not as declared is an
 * error. It does not follow an input deeper than the classes do.
 * @param type a class without constructor arguments
 */
export function validateInput<T extends object>(type: Type<T>, input: unknown): InputValidation<T> {
  const errors: FieldError[] = [];
  const value = readObject(rulesOf(type), undefined, input, [], errors) as T | undefined;
  if (errors.length === 0) return { ok: true, value: value as T };
  return { ok: false, errors: errors.slice(0, MAX_FIELD_ERRORS), valid: value ?? {} };
}

export interface CheckedInput<T> {
  /** To be extended by the errors that only the caller can find. */
  readonly errors: FieldError[];
  /** The whole input if there are no errors, otherwise the fields that have none. */
  readonly valid: Partial<T>;
}

/** Same as `validateInput`, for callers whose further checks add their errors: all are reported in one response. */
export function checkInput<T extends object>(type: Type<T>, input: unknown): CheckedInput<T> {
  const result = validateInput(type, input);
  return result.ok ? { errors: [], valid: result.value } : { errors: [...result.errors], valid: result.valid };
}

/** Whether a field exists, given the values of the others. */
export function isShown(field: Pick<Field, 'showIf'>, values: Readonly<Record<string, unknown>>): boolean {
  const condition = field.showIf;
  return condition === undefined || condition.in.includes(values[condition.field] as string | number | boolean);
}

/** Where a value is in the input. It grows and shrinks while the input is read. */
type Path = (string | number)[];
type Members = Readonly<Record<string, unknown>>;

/** @returns an instance without the members that have an error; undefined for what is not an object */
function readObject(
  { type, fields, names, hasConditionalFields }: ClassRules,
  label: string | undefined,
  input: unknown,
  path: Path,
  errors: FieldError[],
): object | undefined {
  if (!isObject(input)) {
    const message = label === undefined ? 'Send a JSON object.' : `${label} must be a JSON object.`;
    return fail(errors, path, { code: 'wrong_type', message });
  }
  if (path.length > MAX_DEPTH) {
    return fail(errors, path, { code: 'too_deep', message: 'This is nested too deeply. Use fewer levels.' });
  }
  const object = new type();
  const values = object as Record<string, unknown>;
  // By field, because an error that is found later may belong to an earlier field.
  const found = new Map<string, FieldError[]>();
  for (const each of fields) takeValue(each, input, values, path, found);
  const hidden = hasConditionalFields ? hideFields(fields, input, values, path, found) : undefined;
  for (const each of fields) {
    const { name } = each.field;
    if (found.has(name) || hidden?.has(name) === true) continue;
    const problem = brokenRule(each, input, object);
    if (problem === undefined) continue;
    found.set(name, [errorAt(path, name, problem)]);
  }
  if (found.size > 0) {
    for (const { field } of fields) {
      const own = found.get(field.name);
      if (own === undefined) continue;
      errors.push(...own);
      // Lists and objects stay, without the parts at fault.
      if (typeof values[field.name] !== 'object') delete values[field.name];
    }
  }
  for (const name of Object.keys(input)) {
    if (errors.length >= MAX_FIELD_ERRORS) break;
    if (!names.has(name) && input[name] !== undefined) errors.push(errorAt(path, name, unknownName(name, names)));
  }
  return object;
}

function takeValue(
  rules: FieldRules,
  input: Members,
  values: Record<string, unknown>,
  path: Path,
  found: Map<string, FieldError[]>,
): void {
  const { name, nullable } = rules.field;
  const given = ownValue(input, name);
  if (given === undefined) return;
  if (given === null) {
    if (nullable === true) values[name] = null;
    // Of a required field, null is reported as a missing value.
    else if (nullable === false && rules.optional) found.set(name, [errorAt(path, name, notNull(rules.field))]);
    return;
  }
  const errors: FieldError[] = [];
  path.push(name);
  const value = readValue(rules, given, path, errors);
  path.pop();
  if (value === undefined) delete values[name];
  else values[name] = value;
  if (errors.length > 0) found.set(name, errors);
}

/** @returns undefined for a value that is of no use */
function readValue(rules: FieldRules, value: unknown, path: Path, errors: FieldError[]): unknown {
  const { field, keywords } = rules;
  if (field.type === 'class') return readObject(classOf(field), field.label, value, path, errors);
  if (field.type === 'list') return readList(rules, value, path, errors);
  if (field.type === 'map') return readMap(field, value, path, errors);
  const problem = scalarProblem(field, keywords, value);
  return problem === undefined ? value : fail(errors, path, problem);
}

function readList(
  { field, keywords, itemKeywords, itemRules }: FieldRules,
  value: unknown,
  path: Path,
  errors: FieldError[],
): unknown {
  if (!Array.isArray(value)) return fail(errors, path, wrongType(field));
  const { minItems = 0, maxItems = Infinity } = keywords;
  if (value.length > maxItems) {
    const message = `Too many entries in ${field.label}. Send at most ${String(maxItems)}.`;
    return fail(errors, path, { code: 'too_many', message });
  }
  if (value.length < minItems) {
    const message = `Too few entries in ${field.label}. Send at least ${String(minItems)}.`;
    return fail(errors, path, { code: 'required', message });
  }
  const item: Field = { ...field, type: 'string', label: `An entry of ${field.label}` };
  const itemClass = field.of === undefined ? undefined : classOf(field);
  const items: unknown[] = [];
  for (const [index, one] of value.entries() as IterableIterator<[number, unknown]>) {
    if (errors.length >= MAX_FIELD_ERRORS) break;
    path.push(index);
    if (itemClass !== undefined) {
      items.push(readObject(itemClass, item.label, one, path, errors));
    } else {
      const problem = scalarProblem(item, itemKeywords, one) ?? itemProblem(item, itemKeywords, itemRules, one);
      items.push(problem === undefined ? one : fail(errors, path, problem));
    }
    path.pop();
  }
  return items;
}

function itemProblem(item: Field, keywords: Keywords, rules: readonly Rule[], value: unknown): Problem | undefined {
  if (value === '') return { code: 'required', message: `${item.label} is empty. Remove it.` };
  return firstBroken(item, keywords, rules, value, {});
}

function readMap(field: Field, value: unknown, path: Path, errors: FieldError[]): unknown {
  if (!isObject(value)) return fail(errors, path, wrongType(field));
  const rules = field.entries as EntryRules;
  const entries = Object.entries(value).filter(([, text]) => text !== undefined);
  if (entries.length > rules.maxEntries) {
    const message = `Too many entries in ${field.label}. Send at most ${String(rules.maxEntries)}.`;
    return fail(errors, path, { code: 'too_many', message });
  }
  for (const [name, text] of entries) {
    path.push(name);
    const problem = entryProblem(field, rules, name, text);
    if (problem !== undefined) fail(errors, path, problem);
    path.pop();
  }
  return errors.length === 0 ? Object.fromEntries(entries) : undefined;
}

function entryProblem(field: Field, rules: EntryRules, name: string, text: unknown): Problem | undefined {
  if (FORBIDDEN_NAMES.has(name)) return forbiddenName(name);
  if (name === '') return { code: 'required', message: `${field.label} contains an empty name. Enter one.` };
  const problem = textProblem(name, { label: 'The name' }, rules.maxNameLength);
  if (problem !== undefined) return problem;
  if (typeof text !== 'string') return { code: 'wrong_type', message: 'The value must be text.' };
  return textProblem(text, { label: 'The value' }, rules.maxLength) ?? rules.check?.(name, text);
}

/** Requirements for a single value, independent of its own rules. */
function scalarProblem(field: Field, keywords: Keywords, value: unknown): Problem | undefined {
  if (field.type === 'time') return isTime(value) ? undefined : INVALID_TIME;
  if (field.type === 'bytes' && typeof value === 'string') return isBase64(value) ? undefined : INVALID_BASE64;
  if (!hasType(field, value)) return wrongType(field);
  if (typeof value !== 'string') return undefined;
  if (field.options !== undefined && !field.options.some((option) => option.value === value)) {
    return notAnOption(field, keywords.enum ?? []);
  }
  return textProblem(value, field, keywords.maxLength);
}

function hasType({ type }: Field, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'bytes') return types.isUint8Array(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

const INVALID_BASE64: Problem = {
  code: 'invalid_base64',
  message: 'This is not valid base64. Use standard base64 with padding and without line breaks.',
};

const INVALID_TIME: Problem = {
  code: 'invalid_time',
  message: 'This is not a valid time. Use RFC 3339, such as 2026-01-31T08:00:00Z.',
};

/** Not by a pattern: one over a long text can exhaust the stack. */
function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}

function isTime(value: unknown): boolean {
  const isText = typeof value === 'string' && isRFC3339(value) && isISO8601(value, { strict: true });
  if (!isText && !types.isDate(value)) return false;
  // An offset can move a time into the year 10000, which neither RFC 3339 nor a database has.
  const year = new Date(value).getUTCFullYear();
  return year >= 1 && year <= MAX_YEAR;
}

/** Removes what does not apply, defaults included. A field that is removed may hide others, so it repeats until none is. */
function hideFields(
  fields: readonly FieldRules[],
  input: Members,
  values: Record<string, unknown>,
  path: Path,
  found: Map<string, FieldError[]>,
): ReadonlySet<string> {
  const hidden = new Set<string>();
  // Whether these apply is unknown, because the field that decides it has an error itself.
  const undecided = new Set(found.keys());
  for (let before = -1; before < hidden.size;) {
    before = hidden.size;
    for (const { field } of fields) {
      if (hidden.has(field.name) || isShown(field, values)) continue;
      const controller = fields.find((other) => other.field.name === field.showIf?.field)?.field;
      hidden.add(field.name);
      delete values[field.name];
      if (controller !== undefined && undecided.has(controller.name)) undecided.add(field.name);
      else if ((ownValue(input, field.name) ?? null) !== null) {
        found.set(field.name, [errorAt(path, field.name, notApplicable(field, controller))]);
      }
    }
  }
  return hidden;
}

/** The first problem of a value that has its declared type, or that is missing. */
function brokenRule(
  { field, optional, conditions, rules, keywords }: FieldRules,
  input: Members,
  object: object,
): Problem | undefined {
  const value = (object as Members)[field.name];
  if (value === null || (optional && value === undefined)) return undefined;
  // A condition sees null where null was given, so that a field can be one that may be absent, but not null.
  const seen = value === undefined ? ownValue(input, field.name) : value;
  if (!conditions.every((holds) => holds(object, seen))) return undefined;
  const isMissing = value === undefined || (value === '' && field.mayBeEmpty !== true);
  if (isMissing && !optional) return { code: 'required', message: `${field.label} is required.` };
  return firstBroken(field, keywords, rules, value, object);
}

/** Of several broken rules, the one that explains most is reported. */
const RANKS = ['isIn', 'min', 'max', 'isNotEmpty', 'minLength', 'isLength'];

function firstBroken(
  field: Field,
  keywords: Keywords,
  rules: readonly Rule[],
  value: unknown,
  object: object,
): Problem | undefined {
  let worst: Rule | undefined;
  for (const rule of rules) {
    if (!rule.holds(value, object) && (worst === undefined || rankOf(rule) < rankOf(worst))) worst = rule;
  }
  if (worst === undefined) return undefined;
  if (worst.code !== undefined) return { code: worst.code, message: worst.message(value, object) };
  if (worst.name === 'isIn') return notAnOption(field, keywords.enum ?? []);
  if (worst.name === 'min' || worst.name === 'max') return outOfRange(field, keywords);
  if (RANKS.includes(worst.name)) return tooShort(field, keywords, value);
  return { code: 'invalid', message: worst.message(value, object) };
}

function rankOf({ name }: Rule): number {
  const rank = RANKS.indexOf(name);
  return rank < 0 ? RANKS.length : rank;
}

function ownValue(input: Members, name: string): unknown {
  return Object.hasOwn(input, name) ? input[name] : undefined;
}

/** No array, and nothing such as a Map or a Date, whose content is not in its members. */
function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

function classOf({ of }: Field): ClassRules {
  return rulesOf((of as () => Type<object>)());
}

function fail(errors: FieldError[], path: Path, problem: Problem): undefined {
  errors.push({ pointer: jsonPointer(...path), ...problem });
}

function errorAt(path: Path, name: string, problem: Problem): FieldError {
  return { pointer: jsonPointer(...path, name), ...problem };
}

function unknownName(name: string, known: ReadonlySet<string>): Problem {
  if (name === '__proto__') return forbiddenName(name);
  return { code: 'unknown_field', message: `Unknown field. Allowed fields: ${[...known].join(', ')}.` };
}

function forbiddenName(name: string): Problem {
  return { code: 'not_allowed', message: `The name ${name} is not allowed. Use another name.` };
}

function wrongType({ label, type }: Field): Problem {
  return { code: 'wrong_type', message: `${label} must be ${SHAPES[type]}.` };
}

function notNull({ label }: Field): Problem {
  return { code: 'wrong_type', message: `${label} must not be null. Omit the field instead.` };
}

/** `controller` is the field that `showIf` looks at. */
function notApplicable(field: Field, controller: Field | undefined): Problem {
  const wanted = field.showIf?.in.map((value) => JSON.stringify(value)).join(' or ') ?? '';
  const other = controller?.label ?? '';
  const message = `${field.label} only applies when ${other} is ${wanted}. Remove it, or change ${other}.`;
  return { code: 'not_applicable', message };
}

function notAnOption({ label }: Field, values: readonly unknown[]): Problem {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return { code: 'not_an_option', message: `${label} must be one of ${list}.` };
}

function outOfRange({ label }: Field, { minimum, maximum }: Keywords): Problem {
  let range = `from ${String(minimum)} to ${String(maximum)}`;
  if (minimum === undefined) range = `of at most ${String(maximum)}`;
  if (maximum === undefined) range = `of at least ${String(minimum)}`;
  return { code: 'out_of_range', message: `${label} must be a whole number ${range}.` };
}

/** Of a required field, empty text is `required`; one that is checked here may as well be absent. */
function tooShort({ label }: Field, { minLength = 1 }: Keywords, value: unknown): Problem {
  const otherwise = value === '' ? ', or leave the field out' : '';
  return { code: 'too_short', message: `${label} is too short. Enter at least ${characters(minLength)}${otherwise}.` };
}
