import { Button, Stack, Text } from '@mantine/core';
import { IconActivity, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { memo } from 'react';
import { connectionQuery } from '../api/queries.ts';
import type { FeedEvent, TrackedEvent } from '../api/types.ts';
import { FEED_KINDS, summaryOf } from '../connections/events/event-words.ts';
import classes from '../connections/events/events.module.css';
import { KindFilter } from '../connections/events/kind-filter.tsx';
import { HEALTH_STATES, healthInWords } from '../connections/webhook/health-words.ts';
import { FailureBox, RetryButton } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import tableClasses from '../ui/table/data-table.module.css';
import { DataRow, DataTable } from '../ui/table/data-table.tsx';
import { type StreamState, useLiveEvents } from './use-live-events.ts';

const route = getRouteApi('/app/events');
const STATES: Readonly<Record<StreamState, { readonly label: string; readonly tone: Tone }>> = {
  connecting: { label: 'Connecting', tone: 'warn' },
  open: { label: 'Live', tone: 'ok' },
  closed: { label: 'Stopped', tone: 'bad' },
  paused: { label: 'Paused', tone: 'neutral' },
};

/** The events of all connections as they are stored. */
export function LivePage() {
  useTitle('Live events');
  const { kind } = route.useSearch();
  const navigate = route.useNavigate();
  const { events, state, pause, resume } = useLiveEvents(kind);
  const { label, tone } = STATES[state];
  return (
    <Stack gap="md">
      <PageHeader
        title="Live events"
        description="The events of all your connections as they arrive. The last 200 are shown."
        actions={
          state === 'paused' ? (
            <Button variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={resume}>
              Resume
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<IconPlayerPause size={16} aria-hidden />}
              disabled={state === 'closed'}
              onClick={pause}
            >
              Pause
            </Button>
          )
        }
      />
      <search className={classes.tools}>
        <KindFilter
          kind={kind}
          isFeed
          onFilter={(value) => void navigate({ search: value === undefined ? {} : { kind: value }, replace: true })}
        />
        <div role="status">
          <Status tone={tone}>{label}</Status>
        </div>
      </search>
      {state === 'closed' && (
        <FailureBox role="alert">
          <Text fw={600} size="sm">
            The service ended the stream
          </Text>
          <Text size="sm">Too many pages may be showing live events. Close some of them, then try again.</Text>
          <RetryButton onRetry={resume} />
        </FailureBox>
      )}
      {events.length > 0 ? (
        <DataTable
          label="Live events"
          columns={['Event', 'Recipient', 'Details', 'Connection', 'Time']}
          className={`${classes.table} ${classes.live}`}
        >
          {events.map((event) => (
            <EventRow key={event.position} event={event} />
          ))}
        </DataTable>
      ) : (
        <EmptyState icon={<IconActivity size={22} />} title="Waiting for events">
          New events appear here as soon as they are stored. Earlier ones are listed with each connection.
        </EmptyState>
      )}
    </Stack>
  );
}

/** One event; clicking the row opens it in the list of its connection, or the webhook whose health has changed. */
const EventRow = memo(function EventRow({ event }: { readonly event: FeedEvent }) {
  const { connectionId, kind, occurredAt } = event;
  const isHealth = kind === 'webhook_health_changed';
  const { label } = FEED_KINDS[kind];
  const tone = isHealth ? HEALTH_STATES[event.health.state][1] : FEED_KINDS[kind].tone;
  const summary = isHealth ? healthInWords(event.health) : summaryOf(event);
  const params = { id: connectionId };
  return (
    <DataRow>
      <td role="cell">
        <Status tone={tone}>{label}</Status>
      </td>
      <td role="cell" data-column="Recipient">
        {isHealth ? (
          <Link
            to="/connections/$id/webhook"
            params={params}
            className={tableClasses.link}
            aria-label={`Webhook, ${summary}: open`}
          >
            Webhook
          </Link>
        ) : (
          <Link
            to="/connections/$id/events"
            params={params}
            search={{ event: event.id }}
            className={tableClasses.link}
            aria-label={`${whomOf(event)}, ${label}: open`}
          >
            {whomOf(event)}
          </Link>
        )}
      </td>
      <td role="cell" data-column="Details" className={classes.details} title={summary === '' ? undefined : summary}>
        {summary}
      </td>
      <td role="cell" data-column="Connection" className={classes.details}>
        <ConnectionName id={connectionId} />
      </td>
      <td role="cell" data-column="Time">
        <RelativeTime at={isHealth ? occurredAt : event.receivedAt} />
      </td>
    </DataRow>
  );
});

function whomOf({ recipient }: TrackedEvent): string {
  return recipient ?? 'No recipient';
}

/** Empty until it is loaded, and for a connection that was deleted. */
function ConnectionName({ id }: { readonly id: string }) {
  return useQuery({ ...connectionQuery(id), staleTime: Infinity }).data?.name ?? '';
}
