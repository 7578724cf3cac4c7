import { useQuery } from '@tanstack/react-query';
import { vendorsQuery } from '../api/queries.ts';

/** How a vendor is called; until that is known, its key. */
export function useVendorName(vendor: string): string {
  return useQuery(vendorsQuery).data?.find((one) => one.vendor === vendor)?.displayName ?? vendor;
}
