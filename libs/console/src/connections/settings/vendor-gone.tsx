import { IconPlugOff } from '@tabler/icons-react';
import { EmptyState } from '../../ui/empty-state.tsx';

/** Shown if the service has no adapter for the connection's vendor. */
export function VendorGone({ vendor }: { readonly vendor: string }) {
  return (
    <EmptyState icon={<IconPlugOff size={22} />} title="Vendor not available">
      The service has no adapter for the vendor “{vendor}”, so this connection cannot send. Its settings are kept and
      will be available again when the adapter is installed.
    </EmptyState>
  );
}
