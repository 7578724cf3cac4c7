import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { connectionQuery, vendorsQuery } from '../../api/queries.ts';
import type { VendorError } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { ButtonLink } from '../../ui/links.tsx';

/** Sender addresses and domains are verified on the vendor's site, not in the settings of the connection. */
const AT_VENDOR: ReadonlySet<string> = new Set(['sender_not_verified', 'sender_rejected']);

export interface FixButtonProps {
  /** The connection. */
  readonly id: string;
  /** The failure, as far as it is known. Without a cause that can be fixed somewhere, there is no button. */
  readonly error: Pick<VendorError, 'code' | 'fault'> | undefined;
}

/** Leads from a failure to the place where it can be fixed: the settings, or the vendor's page for senders. */
export function FixButton({ id, error }: FixButtonProps) {
  const mayManage = useMayManage();
  const connection = useQuery(connectionQuery(id)).data;
  const vendor = useQuery(vendorsQuery).data?.find((each) => each.vendor === connection?.vendor);
  if (!mayManage || (error?.fault !== 'configuration' && error?.fault !== 'sender')) return null;
  if (AT_VENDOR.has(error.code) && vendor?.senderUrl !== undefined) {
    return (
      <Button
        component="a"
        href={vendor.senderUrl}
        target="_blank"
        rel="noreferrer"
        size="xs"
        variant="default"
        rightSection={<IconExternalLink size={14} aria-hidden />}
      >
        Verify sender in {vendor.displayName}
      </Button>
    );
  }
  return (
    <ButtonLink to="/connections/$id/settings" params={{ id }} size="xs" variant="default">
      Fix settings
    </ButtonLink>
  );
}
