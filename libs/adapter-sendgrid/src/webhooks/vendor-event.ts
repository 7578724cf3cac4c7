/** An event as it came: nothing is known of its fields but their names. */
export type VendorEvent = Readonly<Record<string, unknown>>;

/** A field's text; undefined where it is absent, empty or no text. */
export function textOf(event: VendorEvent, field: string): string | undefined {
  const value = Object.hasOwn(event, field) ? event[field] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** As `textOf`, of a field that some senders write as a number, such as `attempt`. */
export function scalarOf(event: VendorEvent, field: string): string | undefined {
  const value = Object.hasOwn(event, field) ? event[field] : undefined;
  return typeof value === 'number' ? String(value) : textOf(event, field);
}
