import type { HttpResponse, JsonItem } from '@score-crm/adapter-kit';
import { scalarOf, textOf } from '@score-crm/adapter-kit';

/** One entry of the `errors` that the vendor answers with. */
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
  const errors = (response.jsonOrUndefined() as { errors?: unknown } | null | undefined)?.errors;
  // Some answers have one error in the place of the list.
  return (Array.isArray(errors) ? errors : [errors]).flatMap(vendorFault);
}

function vendorFault(error: unknown): VendorFault[] {
  if (typeof error !== 'object' || error === null) return [];
  const item = error as JsonItem;
  const words = ['message', 'description'].flatMap((name) => textOf(item, name) ?? []).join(': ');
  const code = scalarOf(item, 'code');
  const targetStatus = (item['response'] as { status?: unknown } | null | undefined)?.status;
  return [
    {
      words,
      ...(code === undefined ? {} : { code }),
      ...(typeof targetStatus === 'number' ? { targetStatus } : {}),
    },
  ];
}
