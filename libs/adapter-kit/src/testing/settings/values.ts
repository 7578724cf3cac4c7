import type { DescribedField } from '../../settings/describe-fields.ts';

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
