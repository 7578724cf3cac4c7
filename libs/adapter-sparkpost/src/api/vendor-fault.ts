import { type HttpResponse, type JsonItem, omitUndefined, scalarOf, textOf } from '@score-crm/adapter-kit';

/** One error in the vendor's response. */
export interface VendorFault {
  /** Message and description. */
  readonly words: string;
  /** The extended error code, e.g. `7001`: a string in transmissions, a number in webhooks. */
  readonly code?: string;
  /** The response of a webhook's target to the vendor. */
  readonly targetStatus?: number;
}

/**
 * Returns the faults in a response, or none if it has another shape.
 * https://developers.sparkpost.com/api/#header-errors
 */
export function vendorFaults(response: HttpResponse): readonly VendorFault[] {
  return faultsOf((response.jsonOrUndefined() as { errors?: unknown } | null | undefined)?.errors);
}

/** The faults of a list of errors. Some responses have a single error instead of the list. */
export function faultsOf(errors: unknown): readonly VendorFault[] {
  return (Array.isArray(errors) ? errors : [errors]).flatMap(faultOf);
}

function faultOf(error: unknown): VendorFault[] {
  if (typeof error !== 'object' || error === null) return [];
  const item = error as JsonItem;
  const words = ['message', 'description'].flatMap((name) => textOf(item, name) ?? []).join(': ');
  const targetStatus = (item['response'] as { status?: unknown } | null | undefined)?.status;
  return [
    {
      words,
      ...omitUndefined('code', scalarOf(item, 'code')),
      ...omitUndefined('targetStatus', typeof targetStatus === 'number' ? targetStatus : undefined),
    },
  ];
}
