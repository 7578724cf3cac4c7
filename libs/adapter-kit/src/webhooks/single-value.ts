/**
 * Returns the single value of a header or query parameter: empty if it is absent, undefined if it occurs more than
 * once, since it is ambiguous then.
 */
export function singleValue(value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value ?? '';
  return value.length > 1 ? undefined : (value[0] ?? '');
}
