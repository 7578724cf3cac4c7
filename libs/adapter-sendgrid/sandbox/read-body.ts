import type { SandboxAnswer, Schema } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';

export type ReadBody<T> = { readonly json: T } | { readonly refusal: SandboxAnswer };

/** Returns the body in its documented form, or the rejection of any other. */
export function readBody<T>(body: Buffer, schema: Schema, help?: string): ReadBody<T> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    return { refusal: answers.invalid([{ message: 'Bad Request', field: null, help: null }]) };
  }
  const faults = schema(json, '');
  if (faults.length === 0) return { json: json as T };
  return { refusal: answers.invalid(faults.map((fault) => ({ ...fault, ...(help === undefined ? {} : { help }) }))) };
}
