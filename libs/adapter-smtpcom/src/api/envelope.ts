import type { HttpResponse } from '@score-crm/adapter-kit';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A response in the vendor's form, which is that of JSend: https://github.com/omniti-labs/jsend */
export interface Envelope {
  readonly status: 'success' | 'fail' | 'error';
  readonly data: unknown;
  readonly message: unknown;
}

/** Parses a response. Returns undefined if it is not the vendor's, such as that of a gateway. */
export function envelopeOf(response: HttpResponse): Envelope | undefined {
  const body = response.jsonOrUndefined();
  if (!isObject(body)) return undefined;
  const { status, data, message } = body;
  return status === 'success' || status === 'fail' || status === 'error' ? { status, data, message } : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
