import { Button, Skeleton, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconPlugOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { connectionQuery, vendorsQuery } from '../../api/queries.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState } from '../../ui/page.tsx';
import { DeleteDialog } from '../delete/delete-dialog.tsx';
import { ConnectionForm } from '../form/connection-form.tsx';
import { SettingsView } from './settings-view.tsx';

const route = getRouteApi('/app/connections/$id/settings');
const MAX_WIDTH = 760;

/** The settings of a connection: a form for users with full access, a list for others. */
export function SettingsTab() {
  const { id } = route.useParams();
  const mayManage = useMayManage();
  const connection = useQuery(connectionQuery(id));
  const vendors = useQuery(vendorsQuery);
  const error = connection.error ?? vendors.error;
  const gone = useRef(false);
  const isGone = useCallback(() => gone.current, []);

  if (connection.data === undefined || vendors.data === undefined) {
    if (error === null) return <SettingsSkeleton isForm={mayManage} />;
    const retry = () => void Promise.all([connection.refetch(), vendors.refetch()]);
    return <Failure error={error} title="Could not load the settings" onRetry={retry} />;
  }
  const vendor = vendors.data.find((one) => one.vendor === connection.data.vendor);
  return (
    <Stack gap="lg" maw={MAX_WIDTH}>
      {vendor === undefined ? (
        <VendorGone vendor={connection.data.vendor} />
      ) : (
        <Settings vendor={vendor} connection={connection.data} mayManage={mayManage} isGone={isGone} />
      )}
      {mayManage && <DeleteSection connection={connection.data} onDeleted={() => (gone.current = true)} />}
    </Stack>
  );
}

interface SettingsProps {
  readonly vendor: Vendor;
  readonly connection: Connection;
  readonly mayManage: boolean;
  readonly isGone: () => boolean;
}

function Settings({ vendor, connection, mayManage, isGone }: SettingsProps) {
  if (!mayManage) return <SettingsView vendor={vendor} connection={connection} />;
  return (
    <ConnectionForm
      key={connection.id}
      vendor={vendor}
      connection={connection}
      isGone={isGone}
      onSaved={() => notifications.show({ message: 'Changes saved' })}
    />
  );
}

interface DeleteSectionProps {
  readonly connection: Connection;
  readonly onDeleted: () => void;
}

/** The section with the button that deletes the connection. */
function DeleteSection({ connection, onDeleted }: DeleteSectionProps) {
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <Card
      title="Delete this connection"
      description="It can no longer send. A connection in use by an active campaign or journey can’t be deleted."
    >
      <Button variant="default" c="var(--bad)" onClick={dialog.open}>
        Delete connection…
      </Button>
      <DeleteDialog connection={connection} opened={isOpen} onClose={dialog.close} onDeleted={onDeleted} />
    </Card>
  );
}

interface SettingsSkeletonProps {
  /** Whether a form will appear, or a list of values. */
  readonly isForm: boolean;
}

const FIELDS_OF_CARDS = [2, 3, 1] as const;

/** The placeholder of the settings while they load. */
function SettingsSkeleton({ isForm }: SettingsSkeletonProps) {
  return (
    <Stack gap="lg" maw={MAX_WIDTH} aria-busy="true">
      {FIELDS_OF_CARDS.map((fields) => (
        <Card key={fields}>
          <Skeleton w={120} h={18} mb="lg" />
          <Stack gap="lg">
            {Array.from({ length: fields }, (_, field) => (
              <div key={field}>
                <Skeleton w={90} h={13} mb={8} />
                <Skeleton h={isForm ? 36 : 14} w={isForm ? '100%' : '60%'} />
              </div>
            ))}
          </Stack>
        </Card>
      ))}
    </Stack>
  );
}

/** Shown if the service has no adapter for the connection's vendor. */
function VendorGone({ vendor }: { readonly vendor: string }) {
  return (
    <EmptyState icon={<IconPlugOff size={22} />} title="Vendor not available">
      The service has no adapter for the vendor “{vendor}”, so this connection cannot send. Its settings are kept and
      will be available again when the adapter is installed.
    </EmptyState>
  );
}
