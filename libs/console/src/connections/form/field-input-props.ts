import type { VendorField } from '../../api/types.ts';
import type { ReactNode } from 'react';

/** What every kind of input is given. */
export interface FieldInputProps<Value> {
  readonly field: VendorField;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly error: ReactNode;
  readonly description: ReactNode;
}

/** Whether there is anything to say. */
export function hasContent(node: ReactNode): boolean {
  return node !== undefined && node !== null && node !== '';
}
