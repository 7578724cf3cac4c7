import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { connectionQuery, vendorsQuery } from '../../api/queries.ts';
import type { Connection, Vendor } from '../../api/types.ts';
import { useMayManageAll } from '../../session/session.ts';
import { ButtonLink } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../../ui/page.tsx';
import { VendorMark } from '../../ui/vendor.tsx';
import { ConnectionForm } from '../form/connection-form.tsx';
import classes from '../form/form.module.css';
import { VendorChoice, VendorChoiceSkeleton } from './vendor-choice.tsx';

const route = getRouteApi('/app/connections/new');

/** Adds a connection: first its vendor, then its form. A copy starts with the form. */
export function NewPage() {
  useTitle('Add connection');
  const { copy } = route.useSearch();
  const mayAdd = useMayManageAll();
  if (!mayAdd) return <NotAllowed />;
  return copy === undefined ? <Steps /> : <CopyOf id={copy} />;
}

function Steps() {
  const { vendor: key, preset } = route.useSearch();
  const { data: vendors, error, refetch } = useQuery(vendorsQuery);
  const vendor = vendors?.find((one) => one.vendor === key);
  if (vendor !== undefined) return <NewConnection key={vendor.vendor} vendor={vendor} preset={preset} />;

  return (
    <>
      <PageHeader title="Add connection" description="Choose your email vendor." />
      {key !== undefined && vendors !== undefined && (
        <Text role="alert" className={classes.callout}>
          Unknown vendor “{key}”. Choose one of these.
        </Text>
      )}
      {error !== null && vendors === undefined && (
        <Failure error={error} title="Could not load the vendors" onRetry={() => void refetch()} />
      )}
      {vendors === undefined ? error === null && <VendorChoiceSkeleton /> : <VendorChoice vendors={vendors} />}
    </>
  );
}

function CopyOf({ id }: { readonly id: string }) {
  const vendors = useQuery(vendorsQuery);
  const connection = useQuery(connectionQuery(id));
  const error = connection.error ?? vendors.error;
  if (connection.data !== undefined && vendors.data !== undefined) {
    const vendor = vendors.data.find((one) => one.vendor === connection.data.vendor);
    if (vendor !== undefined) return <NewConnection key={id} vendor={vendor} template={connection.data} />;
  }
  return (
    <>
      <PageHeader title="Add connection" />
      {error !== null && (
        <Failure
          error={error}
          title="Could not load the connection to duplicate"
          onRetry={() => void Promise.all([connection.refetch(), vendors.refetch()])}
        />
      )}
    </>
  );
}

interface NewConnectionProps {
  readonly vendor: Vendor;
  readonly preset?: string | undefined;
  readonly template?: Connection;
}

function NewConnection({ vendor, preset, template }: NewConnectionProps) {
  const navigate = useNavigate();
  return (
    <div className={classes.column}>
      <PageHeader
        title={
          <span className={classes.title}>
            <VendorMark vendor={vendor.vendor} displayName={vendor.displayName} size={36} />
            Add {vendor.displayName}
          </span>
        }
        actions={
          <ButtonLink to="/connections/new" variant="default">
            Choose another vendor
          </ButtonLink>
        }
      />
      {template !== undefined && (
        <Text className={classes.info}>
          Copied from {template.name}. Passwords and keys are not copied: enter them again.
        </Text>
      )}
      <ConnectionForm
        vendor={vendor}
        template={template}
        preset={preset}
        onSaved={({ id, name }) => {
          notifications.show({ message: `${name} added` });
          void navigate({ to: '/connections/$id', params: { id } });
        }}
        cancel={
          <ButtonLink to="/connections" variant="subtle">
            Cancel
          </ButtonLink>
        }
      />
    </div>
  );
}

function NotAllowed() {
  return (
    <EmptyState
      level={1}
      icon={<IconLock size={22} />}
      title="You need full access to add connections"
      action={
        <ButtonLink to="/connections" variant="default">
          Back to connections
        </ButtonLink>
      }
    >
      You can view connections. Ask an admin of your organization to add one, or to give you full access.
    </EmptyState>
  );
}
