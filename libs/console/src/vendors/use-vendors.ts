import { useQuery } from '@tanstack/react-query';
import { vendorsQuery } from '../api/queries.ts';
import type { Vendor } from '../api/types.ts';

/** How a vendor is called; until that is known, its key. */
export function useVendorName(vendor: string): string {
  return useVendor(vendor)?.displayName ?? vendor;
}

export function useVendor(vendor: string): Vendor | undefined {
  return useQuery(vendorsQuery).data?.find((one) => one.vendor === vendor);
}
