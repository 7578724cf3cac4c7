import type { Schema } from '@score-crm/adapter-kit/sandbox';
import type { VendorError } from './answers.ts';

/** The faults of a body in the vendor's form; `description` starts with the member's path in dot notation. */
export function schemaErrors(schema: Schema, json: unknown): readonly VendorError[] {
  return schema(json, '').map(({ field, message }) => {
    const isMissing = message.includes('is required');
    return {
      message: isMissing ? 'required field is missing' : 'invalid data format/type',
      description: `${field}: ${message}`,
      code: isMissing ? '1400' : '1300',
    };
  });
}
