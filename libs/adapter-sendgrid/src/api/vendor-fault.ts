import type { HttpResponse } from '@score-crm/adapter-kit';

/** One entry of the `errors` in the vendor's response. */
export interface VendorFault {
  readonly message: string;
  /** The member of the request, in dot notation: `personalizations.0.to.0.email`. */
  readonly field?: string;
}

/**
 * Returns the faults in a response, or none if it does not have the documented shape.
 * https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses
 */
export function vendorFaults(response: HttpResponse): readonly VendorFault[] {
  const errors = (response.jsonOrUndefined() as { errors?: unknown } | null | undefined)?.errors;
  return Array.isArray(errors) ? errors.flatMap(vendorFault) : [];
}

function vendorFault(error: unknown): VendorFault[] {
  const { message, field } = (error ?? {}) as { message?: unknown; field?: unknown };
  if (typeof message !== 'string') return [];
  // A missing field is null or the text "null", which is not the name of any member.
  return [{ message, ...(typeof field === 'string' ? { field } : {}) }];
}
