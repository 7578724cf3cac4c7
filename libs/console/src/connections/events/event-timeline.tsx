import { Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { timelineQuery } from '../../api/queries.ts';
import type { TrackedEvent } from '../../api/types.ts';
import { Failure } from '../../ui/failure.tsx';
import { ExactTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { EVENT_KINDS, summaryOf } from './event-words.ts';
import classes from './events.module.css';

interface EventTimelineProps {
  /** The connection. */
  readonly id: string;
  readonly event: TrackedEvent & { readonly messageId: string };
}

/** What else happened to the message of an event, for the event's recipient, in order. */
export function EventTimeline({ id, event }: EventTimelineProps) {
  const { data, error, refetch } = useQuery(timelineQuery(id, event.messageId, event.recipient ?? undefined));
  return (
    <section aria-labelledby="timeline">
      <Title id="timeline" order={3} size="h6" mb="xs">
        Message timeline
      </Title>
      {data === undefined ? (
        error === null ? (
          <Skeleton h={90} aria-hidden />
        ) : (
          <Failure error={error} title="Could not load the timeline" onRetry={() => void refetch()} />
        )
      ) : (
        <ol className={classes.timeline}>
          {data.events.map((each) => (
            <Step key={each.id} event={each} isCurrent={each.id === event.id} />
          ))}
        </ol>
      )}
      {data?.truncated === true && (
        <Text size="sm" c="dimmed">
          The message has more events. Search for a recipient to see all of theirs.
        </Text>
      )}
    </section>
  );
}

interface StepProps {
  readonly event: TrackedEvent;
  /** Whether the timeline is shown with this event. */
  readonly isCurrent: boolean;
}

function Step({ event, isCurrent }: StepProps) {
  const { label, tone } = EVENT_KINDS[event.kind];
  const summary = summaryOf(event);
  return (
    <li aria-current={isCurrent ? 'true' : undefined}>
      <Status tone={tone}>{label}</Status>
      <Text size="sm" c="dimmed">
        <ExactTime at={event.occurredAt} />
      </Text>
      <Text size="sm" c="dimmed" className={classes.details} title={summary === '' ? undefined : summary}>
        {summary}
      </Text>
    </li>
  );
}
