import { IconPlugOff } from '@tabler/icons-react';
import { EmptyState } from '../../ui/empty-state.tsx';

/** Where a connection's vendor is none of those that the service knows. */
export function VendorGone({ vendor }: { readonly vendor: string }) {
  return (
    <EmptyState icon={<IconPlugOff size={22} />} title="Its settings cannot be shown">
      The service no longer knows the vendor “{vendor}”, so nothing can be sent through this connection. Its settings
      are kept, and are back as soon as the vendor’s adapter is installed again.
    </EmptyState>
  );
}
