import assert from 'node:assert/strict';
import type { DescribedField } from '../../settings/settings-field.decorator.ts';
import { type FieldError, jsonPointer } from '../../validation/fields.ts';
import { isShown, validateInput } from '../../validation/validate-input.ts';
import { plainMessage, validSettings, withSandbox } from '../bench/bench.ts';
import { check, type ConformanceCheck } from '../bench/conformance-rules.ts';
import type { Context } from '../bench/context.ts';

type Value = string | number | boolean;

const TEXTS = ['other', 'other.example', 'https://other.example', 'https://other.example/api', 'other@other.example'];

/** Values to try for a field besides its current one. The vendor's own rules may reject some. */
export function otherValues(field: DescribedField, current: unknown): readonly Value[] {
  return candidates(field).filter((value) => value !== current);
}

/** Any value of the field's type, valid or not. */
export function anyValue(field: DescribedField): Value {
  return candidates(field)[0] ?? 'other';
}

function candidates({ type, schema, options }: DescribedField): readonly Value[] {
  if (options !== undefined) return options.map(({ value }) => value);
  if (schema.enum !== undefined) return schema.enum as readonly Value[];
  if (type === 'boolean') return [true, false];
  if (type === 'string') return TEXTS;
  const { minimum = 1, maximum = minimum + 1 } = schema;
  return [minimum, maximum];
}

type Values = Readonly<Record<string, unknown>>;

const STRANGERS = ['unheardOf', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const NO_OBJECTS = [null, undefined, [], 'text', 7, true];

export function declaredFieldsChecks(context: Context): readonly ConformanceCheck[] {
  const hidden = context.fields.filter(({ showIf }) => showIf !== undefined);
  return [
    check('fields-closed', 'accepts its declared settings and no others', () => fieldsAreClosed(context)),
    check('required-fields-named', 'reports each missing required setting', () => missingAreNamed(context)),
    check('required-fields-named', 'sends without the optional settings', () => optionalAre(context)),
    ...hidden.map((field) =>
      check('hidden-fields-refused', `rejects ${field.name} if it does not apply`, () => isRefused(context, field)),
    ),
  ];
}

async function fieldsAreClosed(context: Context): Promise<void> {
  const { adapter, fields } = context;
  const declared = new Set(fields.map(({ name }) => name));
  const own = Object.keys(new adapter.settings()).filter((name) => !declared.has(name));
  assert.deepEqual(own, [], `${adapter.settings.name} has properties that @SettingsField does not declare.`);
  await withSandbox(context, ({ sandbox }) => {
    for (const name of STRANGERS) {
      if (declared.has(name)) continue;
      const errors = errorsOf(context, withMember(sandbox.settings, name, 'x'));
      const code = name === '__proto__' ? 'not_allowed' : 'unknown_field';
      assert.deepEqual(errors, [[jsonPointer(name), code]], `The unknown field ${name} must be rejected.`);
    }
  });
  for (const input of NO_OBJECTS) {
    assert(
      !validateInput(adapter.settings, input).ok,
      `${String(input)} is not a settings object and must be rejected.`,
    );
  }
}

async function missingAreNamed(context: Context): Promise<void> {
  await withSandbox(context, ({ sandbox }) => {
    const valid: Values = { ...validSettings(context, sandbox.settings) };
    const settings = Object.fromEntries(context.fields.map(({ name }) => [name, valid[name]]));
    for (const { name, required } of context.fields) {
      if (!required || settings[name] === undefined) continue;
      for (const value of [undefined, null, '']) {
        const errors = errorsOf(context, { ...settings, [name]: value });
        assert.deepEqual(errors, [[jsonPointer(name), 'required']], `Without ${name}, exactly that must be reported.`);
      }
    }
  });
}

/** Advanced ones are kept: a sandbox may need one to be reached. */
async function optionalAre(context: Context): Promise<void> {
  await withSandbox(context, async ({ adapter, sandbox }) => {
    for (const { name, required, schema, advanced } of context.fields) {
      if (required || schema.default !== undefined || advanced === true) continue;
      const { [name]: _left, ...rest } = sandbox.settings;
      await assert.doesNotReject(
        adapter.send(plainMessage(), validSettings(context, rest)),
        `${name} is optional, but nothing can be sent without it.`,
      );
    }
  });
}

async function isRefused(context: Context, field: DescribedField): Promise<void> {
  const { showIf, name } = field;
  const controller = context.fields.find((other) => other.name === showIf?.field);
  if (showIf === undefined || controller === undefined) return;
  const values = otherValues(controller, undefined);
  const unknown = controller.type === 'string' ? showIf.in.filter((value) => !values.includes(value)) : [];
  assert.deepEqual(unknown, [], `${name} is shown for a value that ${controller.name} cannot have.`);
  await withSandbox(context, ({ sandbox }) => {
    const hiding = values.filter((value) => !isShown(field, { [controller.name]: value }));
    assert.notEqual(hiding.length, 0, `${name} always applies, so it needs no showIf.`);
    for (const value of hiding) {
      const errors = errorsOf(context, { ...sandbox.settings, [controller.name]: value, [name]: anyValue(field) });
      const own = errors.filter(([pointer]) => pointer === jsonPointer(name));
      assert.deepEqual(own, [[jsonPointer(name), 'not_applicable']], `${name} must be rejected if it is hidden.`);
    }
  });
}

function errorsOf({ adapter }: Context, input: unknown): readonly (readonly [pointer: string, code: string])[] {
  const result = validateInput(adapter.settings, input);
  const errors: readonly FieldError[] = result.ok ? [] : result.errors;
  return errors.map(({ pointer, code }) => [pointer, code]);
}

/** As created by JSON.parse: `__proto__` is an ordinary member. */
function withMember(values: Values, name: string, value: unknown): object {
  const member = { value, enumerable: true, configurable: true, writable: true };
  return Object.defineProperty({ ...values }, name, member);
}
