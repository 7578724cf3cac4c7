import { Button, Skeleton, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLock, IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { endpointsQuery } from '../api/outgoing-queries.ts';
import type { WebhookEndpoint } from '../api/types.ts';
import { useMayManageAll } from '../session/session.ts';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import { CreateEndpointDialog } from './endpoint-dialogs.tsx';
import classes from './outgoing.module.css';
import { kindsInWords, lookOfEndpoint } from './outgoing-words.ts';

/** The endpoints that receive the events of the organization. */
export function OutgoingPage() {
  useTitle('Outgoing webhooks');
  return useMayManageAll() ? <Endpoints /> : <NoAccess />;
}

function Endpoints() {
  const [isOpen, dialog] = useDisclosure(false);
  const { data: endpoints, error, refetch } = useQuery(endpointsQuery);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={dialog.open}>
      Add endpoint
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Outgoing webhooks"
        description="Send events to your own systems as signed requests. Vendors report their events through the webhook of each connection."
        actions={endpoints?.length !== 0 && add}
      />
      {endpoints !== undefined ? (
        endpoints.length > 0 ? (
          <EndpointList endpoints={endpoints} />
        ) : (
          <EmptyState icon={<IconWebhook size={22} />} title="No endpoints yet" action={add}>
            An endpoint is a URL of your own system. It receives each event of your connections in a signed request,
            which is repeated for 3 days if it fails.
          </EmptyState>
        )
      ) : error === null ? (
        <EndpointListSkeleton />
      ) : (
        <Failure error={error} title="Could not load the endpoints" onRetry={() => void refetch()} />
      )}
      <CreateEndpointDialog opened={isOpen} onClose={dialog.close} />
    </>
  );
}

export function NoAccess() {
  return (
    <EmptyState level={1} icon={<IconLock size={22} />} title="You need full access to manage outgoing webhooks">
      You can view connections and events. Ask an admin of your organization to send events to your systems.
    </EmptyState>
  );
}

function EndpointList({ endpoints }: { readonly endpoints: readonly WebhookEndpoint[] }) {
  return (
    <ul className={classes.list} aria-label="Endpoints">
      {endpoints.map((endpoint) => {
        const { id, url, description, kinds, lastSuccessAt } = endpoint;
        const { label, tone } = lookOfEndpoint(endpoint);
        return (
          <li key={id} className={classes.item}>
            <div className={classes.names}>
              <Link to="/outgoing-webhooks/$id" params={{ id }} className={classes.link}>
                {url}
              </Link>
              <Text size="sm" c="dimmed">
                {description === null ? '' : `${description} · `}
                {kindsInWords(kinds)}
              </Text>
            </div>
            <dl className={classes.times}>
              <div>
                <dt>Last delivered</dt>
                <dd>{lastSuccessAt === null ? 'Never' : <RelativeTime at={lastSuccessAt} />}</dd>
              </div>
            </dl>
            <div className={classes.state}>
              <Status tone={tone}>{label}</Status>
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function EndpointListSkeleton() {
  return (
    <div className={classes.list} aria-busy="true">
      {['first', 'second', 'third'].map((row) => (
        <div key={row} className={classes.item}>
          <div className={classes.names}>
            <Skeleton w="50%" h={13} my={5} />
            <Skeleton w="35%" h={11} my={5} />
          </div>
          <Skeleton w={80} h={26} />
        </div>
      ))}
    </div>
  );
}
