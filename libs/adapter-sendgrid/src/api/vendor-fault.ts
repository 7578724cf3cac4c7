import type { HttpResponse } from '@score-crm/adapter-kit';

/** One entry of the `errors` that the vendor answers with. */
export interface VendorFault {
  readonly message: string;
  /** The member of the request, in dots: `personalizations.0.to.0.email`. */
  readonly field?: string;
}

/**
 * The faults that an answer names; none if it is not of the documented shape.
 * https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses
 */
export function vendorFaults(response: HttpResponse): readonly VendorFault[] {
  const errors = (response.jsonOrUndefined() as { errors?: unknown } | null | undefined)?.errors;
  return Array.isArray(errors) ? errors.flatMap(vendorFault) : [];
}

function vendorFault(error: unknown): VendorFault[] {
  const { message, field } = (error ?? {}) as { message?: unknown; field?: unknown };
  if (typeof message !== 'string') return [];
  // “No field” comes as null and as the text "null", which no member is called.
  return [{ message, ...(typeof field === 'string' ? { field } : {}) }];
}
