import { Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { vendorsQuery } from '../../api/queries.ts';
import { useMayManageAll } from '../../session/use-session.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { NewConnection } from './new-connection.tsx';
import classes from './new-page.module.css';
import { VendorCardsSkeleton } from './vendor-cards-skeleton.tsx';
import { VendorCards } from './vendor-cards.tsx';

const route = getRouteApi('/app/connections/new');

/** Adds a connection: first the vendor, then its form. */
export function NewPage() {
  useTitle('Add connection');
  const mayManage = useMayManageAll();
  return mayManage ? <Steps /> : <NotAllowed />;
}

function Steps() {
  const { vendor: key } = route.useSearch();
  const { data: vendors, error, refetch } = useQuery(vendorsQuery);
  const vendor = vendors?.find((one) => one.vendor === key);
  if (vendor !== undefined) return <NewConnection key={vendor.vendor} vendor={vendor} />;

  return (
    <>
      <PageHeader title="Add connection" description="Choose the vendor that your mail goes out through." />
      {key !== undefined && vendors !== undefined && (
        <Text role="alert" className={classes.unknown}>
          There is no vendor “{key}” here. Choose one of these.
        </Text>
      )}
      {error !== null && vendors === undefined && (
        <Failure error={error} title="The vendors cannot be listed" onRetry={() => void refetch()} />
      )}
      {vendors === undefined ? error === null && <VendorCardsSkeleton /> : <VendorCards vendors={vendors} />}
    </>
  );
}

function NotAllowed() {
  return (
    <EmptyState
      level={1}
      icon={<IconLock size={22} />}
      title="You may look at connections, not add them"
      action={
        <ButtonLink to="/connections" variant="default">
          To the connections
        </ButtonLink>
      }
    >
      Adding one takes the right to manage. Ask whoever manages your organization to add it, or to give you that right.
    </EmptyState>
  );
}
