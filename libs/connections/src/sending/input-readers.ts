import { types } from 'node:util';
import { emailAddressProblem, type MemberPath } from '@score-crm/adapter-kit';
import { isISO8601, isRFC3339 } from 'class-validator';
import type { InputFaults } from './input-faults.ts';

/**
 * Takes what somebody sent for what it must be; undefined, with a fault, for anything else. What is wrong inside of a list
 * or an object leaves undefined there: nothing of it is used, since the faults are thrown in the end.
 */
export type Reader<T> = (value: unknown, path: MemberPath, faults: InputFaults) => T | undefined;
type Members<T> = { readonly [Name in keyof T]-?: Reader<Exclude<T[Name], undefined>> };

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** Text of several lines, whatever is in it. */
export function text(most: number): Reader<string> {
  return (value, path, faults) => {
    if (typeof value !== 'string') return faults.add(path, 'wrong_type', 'This must be text.');
    if (value.length > most) {
      return faults.add(path, 'too_long', `This is too long. Give at most ${String(most)} characters.`);
    }
    return /\p{Surrogate}/u.test(value)
      ? faults.add(path, 'invalid', 'This contains half a character. Enter it again.')
      : value;
  };
}

/** Text of one line. */
export function line(most: number, least = 1): Reader<string> {
  const read = text(most);
  return (value, path, faults) => {
    const line = read(value, path, faults);
    if (line === undefined) return undefined;
    if (line.length < least) return faults.add(path, 'required', 'This must not be empty.');
    return CONTROL.test(line)
      ? faults.add(path, 'control_character', 'This contains a line break or another control character. Remove it.')
      : line;
  };
}

export const address: Reader<string> = (value, path, faults) => {
  if (typeof value !== 'string') return faults.add(path, 'wrong_type', 'This must be text.');
  const problem = emailAddressProblem(value);
  return problem === undefined ? value : faults.add(path, 'invalid_email', problem);
};

/** Bytes, or base64 of them as JSON has it (RFC 4648, section 4). */
export const bytes: Reader<Uint8Array> = (value, path, faults) => {
  if (types.isUint8Array(value)) return value;
  if (typeof value !== 'string') return faults.add(path, 'wrong_type', 'This must be base64.');
  const decoded = Buffer.from(value, 'base64');
  // Not by a pattern: one over a long text can exhaust the stack.
  if (decoded.toString('base64') === value) return decoded;
  return faults.add(path, 'invalid_base64', 'This is not base64 with its padding and without line breaks.');
};

export const time: Reader<Date> = (value, path, faults) => {
  if (types.isDate(value) && !Number.isNaN(value.getTime())) return value;
  if (typeof value === 'string' && isRFC3339(value) && isISO8601(value, { strict: true })) return new Date(value);
  return faults.add(path, 'invalid_time', 'This is not a time. Write it as 2026-01-31T08:00:00Z.');
};

export function list<T>(item: Reader<T>, most: number, least = 0): Reader<readonly T[]> {
  return (value, path, faults) => {
    if (!Array.isArray(value)) return faults.add(path, 'wrong_type', 'This must be an array.');
    if (value.length > most) return faults.add(path, 'too_many', `These are too many. Give at most ${String(most)}.`);
    if (value.length < least) return faults.add(path, 'required', `Give at least ${String(least)}.`);
    return value.map((one: unknown, index) => item(one, [...path, index], faults)) as T[];
  };
}

/** Texts under names of the sender's choice. */
export function texts(
  name: Reader<string>,
  value: Reader<string>,
  most: number,
): Reader<Readonly<Record<string, string>>> {
  return (input, path, faults) => {
    if (!isObject(input)) return faults.add(path, 'wrong_type', 'This must be an object of texts.');
    const entries = Object.entries(input);
    if (entries.length > most) {
      return faults.add(path, 'too_many', `These are too many. Give at most ${String(most)}.`);
    }
    return Object.fromEntries(
      entries.map(([key, one]) => [name(key, [...path, key], faults), value(one, [...path, key], faults)]),
    ) as Record<string, string>;
  };
}

/** An object of these members and no others. */
export function object<T extends object>(members: Members<T>, required: readonly (keyof T & string)[]): Reader<T> {
  const names = Object.keys(members);
  return (input, path, faults) => {
    if (!isObject(input)) return faults.add(path, 'wrong_type', 'This must be an object.');
    for (const name of required) {
      if (isAbsent(input, name)) faults.add([...path, name], 'required', 'This is required.');
    }
    const read: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(input)) {
      if (value === undefined) continue;
      if (!names.includes(name)) {
        const message = `There is no such member. Remove it; the members are ${names.join(', ')}.`;
        faults.add([...path, name], 'unknown_field', message);
      } else if (!isAbsent(input, name)) {
        read[name] = members[name as keyof T](value, [...path, name], faults);
      }
    }
    return read as T;
  };
}

function isAbsent(input: Readonly<Record<string, unknown>>, name: string): boolean {
  return !Object.hasOwn(input, name) || input[name] === undefined || input[name] === null;
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input) && !ArrayBuffer.isView(input);
}
