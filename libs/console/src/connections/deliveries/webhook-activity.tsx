import { Button, Stack } from '@mantine/core';
import { IconFilterOff, IconWebhook } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { deliveriesQuery } from '../../api/delivery-queries.ts';
import type { DeliveryStatus, Webhook } from '../../api/types.ts';
import type { WebhookSearch } from '../../app/search.ts';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState } from '../../ui/page.tsx';
import { Announcement } from '../../ui/status.tsx';
import tableClasses from '../../ui/table/data-table.module.css';
import { LoadMore } from '../../ui/table/load-more.tsx';
import { ActivityHeader, UnauthenticatedNotice } from './activity-header.tsx';
import { DeliveryDrawer } from './delivery-drawer.tsx';
import { DeliveryTable, DeliveryTableSkeleton, focusRow } from './delivery-table.tsx';
import { counted } from './delivery-words.ts';
import { JobList } from './job-list.tsx';
import { useJobs } from './use-jobs.ts';

const route = getRouteApi('/app/connections/$id/webhook');

interface WebhookActivityProps {
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** The requests that the webhook of a connection received. */
export function WebhookActivity({ webhook, vendorName }: WebhookActivityProps) {
  const { id } = route.useParams();
  const { status, delivery } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(deliveriesQuery(id, status));
  const jobs = useJobs(id);
  const show = (search: WebhookSearch) => void navigate({ search, replace: true, resetScroll: false });
  const filterBy = (value: DeliveryStatus | undefined) => show(value === undefined ? {} : { status: value });
  const deliveries = list.data?.pages.flatMap((page) => page.data);

  return (
    <Stack gap="md" component="section" aria-labelledby="webhook-activity">
      <ActivityHeader id={id} status={status} hasRequests={deliveries?.length !== 0} onFilter={filterBy} />
      {webhook.unauthenticatedCount > 0 && (
        <UnauthenticatedNotice count={webhook.unauthenticatedCount} status={status} onFilter={filterBy} />
      )}
      {jobs.error !== null && (
        <Failure
          error={jobs.error}
          title={jobs.data === undefined ? 'Could not load the re-processing jobs' : 'The jobs may be out of date'}
          onRetry={() => void jobs.refetch()}
        />
      )}
      {jobs.data !== undefined && jobs.data.length > 0 && <JobList id={id} jobs={jobs.data} />}
      {list.error !== null && (
        <Failure
          error={list.error}
          title={deliveries === undefined ? 'Could not load the webhook requests' : 'The list may be out of date'}
          onRetry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())}
        />
      )}
      {/* The jobs are above the list, so it waits for them. */}
      {deliveries === undefined || jobs.isLoading ? (
        list.error === null && <DeliveryTableSkeleton />
      ) : deliveries.length > 0 ? (
        <>
          <DeliveryTable id={id} status={status} deliveries={deliveries} isStale={list.isPlaceholderData} />
          <LoadMore list={list} focusRow={focusRow} total={counted(deliveries.length, 'request')} />
        </>
      ) : (
        <div className={tableClasses.frame}>
          {status === undefined ? (
            <NoRequests isSetUp={webhook.state !== 'not_set_up'} vendorName={vendorName} />
          ) : (
            <NoMatch onClear={() => filterBy(undefined)} />
          )}
        </div>
      )}
      <DeliveryDrawer id={id} listed={deliveries ?? []} deliveryId={delivery} onClose={() => filterBy(status)} />
    </Stack>
  );
}

interface NoRequestsProps {
  readonly isSetUp: boolean;
  readonly vendorName: string;
}

function NoRequests({ isSetUp, vendorName }: NoRequestsProps) {
  return (
    <EmptyState icon={<IconWebhook size={22} />} title="No requests yet" level={3}>
      Each request from {vendorName} appears here, with its events or the reason why it was rejected.{' '}
      {isSetUp ? 'Send a message to receive the first one.' : 'Set up the webhook to receive the first one.'}
    </EmptyState>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No matching requests</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No matching requests"
        level={3}
        action={
          <Button variant="default" onClick={onClear}>
            Show all requests
          </Button>
        }
      >
        None of the stored requests has this status.
      </EmptyState>
    </>
  );
}
