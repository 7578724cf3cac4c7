import type { Type } from '@nestjs/common';
import { validateSync } from 'class-validator';
import { checkValue } from './check-value.ts';
import { brokenRule, type FieldError, notAnObject, notApplicable, required, unknownField } from './field-error.ts';
import { type FieldRules, rulesOf } from './field-rules.ts';
import { type DeclaredField, declaredFields } from './settings-field.decorator.ts';

export type SettingsValidation<S> =
  { readonly ok: true; readonly value: S } | { readonly ok: false; readonly errors: readonly FieldError[] };

const MAX_ERRORS = 100;

/**
 * Holds what somebody sent against the declared fields of a vendor. Only declared fields are accepted, and only while
 * their `showIf` holds; absent ones, and null is absent, take the class's default. Nothing is converted.
 * Each field has one error at most; there are never more than 100.
 */
export function validateSettings<S extends object>(type: Type<S>, input: unknown): SettingsValidation<S> {
  if (!isObject(input)) return { ok: false, errors: [notAnObject()] };
  const fields = declaredFields(type);
  const rules = new Map(fields.map((field) => [field.name, rulesOf(type, field)]));
  const settings = new type();
  const errors = new Map<string, FieldError>();

  const given = takeValues(fields, rules, input, settings, errors);
  const hidden = hideFields(fields, given, settings, errors);
  const faults = new Map(validateSync(settings).map((fault) => [fault.property, fault]));
  for (const field of fields) {
    const rule = rules.get(field.name);
    if (rule === undefined || hidden.has(field.name) || errors.has(field.name)) continue;
    const fault = faults.get(field.name);
    if (isMissing(field, rule, settings)) errors.set(field.name, required(field));
    else if (fault !== undefined) errors.set(field.name, brokenRule(field, rule.keywords, fault));
  }

  const found = fields.flatMap((field) => errors.get(field.name) ?? []);
  for (const name of Object.keys(input)) {
    if (found.length >= MAX_ERRORS) break;
    if (!rules.has(name)) found.push(unknownField(name, fields));
  }
  return found.length === 0 ? { ok: true, value: settings } : { ok: false, errors: found };
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Whether a field exists, given the values of the others. */
export function isShown(field: DeclaredField, values: Readonly<Record<string, unknown>>): boolean {
  const condition = field.showIf;
  return condition === undefined || condition.in.includes(values[condition.field] as string | number | boolean);
}

/** Puts the values that pass `checkValue` into the settings. Returns the names of all that were given. */
function takeValues(
  fields: readonly DeclaredField[],
  rules: ReadonlyMap<string, FieldRules>,
  input: Readonly<Record<string, unknown>>,
  settings: object,
  errors: Map<string, FieldError>,
): ReadonlySet<string> {
  const values = settings as Record<string, unknown>;
  const given = new Set<string>();
  for (const field of fields) {
    const value = Object.hasOwn(input, field.name) ? (input[field.name] ?? undefined) : undefined;
    if (value === undefined) continue;
    given.add(field.name);
    const error = checkValue(field, rules.get(field.name)?.keywords ?? {}, value);
    if (error === undefined) {
      values[field.name] = value;
    } else {
      errors.set(field.name, error);
      delete values[field.name];
    }
  }
  return given;
}

/** Removes what does not apply, defaults included. A field that goes may take others along, so it goes on until none does. */
function hideFields(
  fields: readonly DeclaredField[],
  given: ReadonlySet<string>,
  settings: object,
  errors: Map<string, FieldError>,
): ReadonlySet<string> {
  const values = settings as Record<string, unknown>;
  const hidden = new Set<string>();
  // Whether these apply cannot be told, because what decides it is wrong itself.
  const undecided = new Set(errors.keys());
  for (let before = -1; before < hidden.size;) {
    before = hidden.size;
    for (const field of fields) {
      if (hidden.has(field.name) || isShown(field, values)) continue;
      const controller = fields.find((other) => other.name === field.showIf?.field);
      hidden.add(field.name);
      delete values[field.name];
      if (controller !== undefined && undecided.has(controller.name)) undecided.add(field.name);
      else if (given.has(field.name)) errors.set(field.name, notApplicable(field, controller));
    }
  }
  return hidden;
}

function isMissing(field: DeclaredField, { optional, conditions }: FieldRules, settings: object): boolean {
  const value = (settings as Record<string, unknown>)[field.name];
  if (optional || (value !== undefined && value !== '')) return false;
  return conditions.every((holds) => holds(settings, value));
}
