import type { ReactNode } from 'react';
import type { FormField } from './fields.ts';

/** What every kind of input is given. */
export interface FieldInputProps<Value> {
  readonly field: FormField;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly error: ReactNode;
  readonly description: ReactNode;
}

/** Whether there is anything to say. */
export function hasContent(node: ReactNode): boolean {
  return node !== undefined && node !== null && node !== '';
}
