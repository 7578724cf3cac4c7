import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { newestEventsQuery } from '../../api/queries.ts';
import { TextLink } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { EVENT_KINDS } from '../events/event-words.ts';
import classes from './overview.module.css';

const LATEST = 5;

export function LatestEventsCard({ id }: { readonly id: string }) {
  const events = useQuery(newestEventsQuery(id, {}));
  const latest = events.data?.data.slice(0, LATEST);
  return (
    <Card
      title="Latest events"
      actions={
        <TextLink to="/connections/$id/events" params={{ id }} size="sm">
          View all
        </TextLink>
      }
    >
      {latest === undefined ? (
        events.error === null ? (
          <Skeleton h={220} aria-hidden />
        ) : (
          <Failure error={events.error} title="Could not load the events" onRetry={() => void events.refetch()} />
        )
      ) : latest.length === 0 ? (
        <Text size="sm" c="dimmed">
          No events yet. Delivery events will appear here.
        </Text>
      ) : (
        <ul className={classes.events}>
          {latest.map((event) => (
            <li key={event.id} className={classes.event}>
              <div>
                <Status tone={EVENT_KINDS[event.kind].tone}>{EVENT_KINDS[event.kind].label}</Status>
              </div>
              <Text span inherit className={classes.recipient}>
                {event.recipient ?? 'No recipient'}
              </Text>
              <Text span inherit className={classes.when}>
                <RelativeTime at={event.occurredAt} />
              </Text>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
