import type { HttpResponse } from '@score-crm/adapter-kit';
import { isObject } from './envelope.ts';

/** One problem that the vendor reports. */
export interface VendorFault {
  readonly message: string;
  /** The member of the request, in dot notation: `recipients.to.0.address`. */
  readonly field?: string;
}

const DEEPEST = 8;

/**
 * Returns the faults in a response: texts by field, in `data.errors` or in `data` itself, possibly in arrays or nested
 * objects, and the single `message` of an error. Returns none if it has another form.
 */
export function vendorFaults(response: HttpResponse): readonly VendorFault[] {
  const body = response.jsonOrUndefined();
  if (!isObject(body)) return [];
  const { data, message } = body;
  const errors = isObject(data) ? (data['errors'] ?? data) : data;
  return [...faultsIn(errors, []), ...faultsIn(message, [])];
}

function faultsIn(value: unknown, path: readonly string[]): readonly VendorFault[] {
  if (typeof value === 'string') {
    return value === '' ? [] : [{ message: value, ...(path.length === 0 ? {} : { field: path.join('.') }) }];
  }
  if (typeof value !== 'object' || value === null || path.length === DEEPEST) return [];
  // Several texts concern the same field; several objects are items of an array.
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    faultsIn(inner, Array.isArray(value) && typeof inner === 'string' ? path : [...path, name]),
  );
}
