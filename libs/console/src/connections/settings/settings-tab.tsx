import { Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { connectionQuery, vendorsQuery } from '../../api/queries.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Failure } from '../../ui/failure.tsx';
import { ConnectionForm } from '../form/connection-form.tsx';
import { DeleteSection } from './delete-section.tsx';
import { SettingsSkeleton } from './settings-skeleton.tsx';
import classes from './settings-tab.module.css';
import { SettingsView } from './settings-view.tsx';
import { VendorGone } from './vendor-gone.tsx';

const route = getRouteApi('/app/connections/$id/settings');

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
    <Stack gap="lg" className={classes.column}>
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
