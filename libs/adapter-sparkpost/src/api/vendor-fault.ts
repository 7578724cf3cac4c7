import { type HttpResponse, type JsonItem, omitUndefined, scalarOf, textOf } from '@score-crm/adapter-kit';

/** One error that the vendor names. */
export interface VendorFault {
  /** Message and description. */
  readonly words: string;
  /** The extended error code, e.g. `7001`: a text in transmissions, a number in webhooks. */
  readonly code?: string;
  /** What a webhook's target answered to the vendor. */
  readonly targetStatus?: number;
}

/**
 * The faults that an answer names; none if it is of another shape.
 * https://developers.sparkpost.com/api/#header-errors
 */
export function vendorFaults(response: HttpResponse): readonly VendorFault[] {
  return faultsOf((response.jsonOrUndefined() as { errors?: unknown } | null | undefined)?.errors);
}

/** Those of a list of errors. Some answers have one error in the place of the list. */
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
