import { Button, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { isActive } from '../../api/delivery-queries.ts';
import type { ReprocessingJob } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ExactTime, RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import classes from './deliveries.module.css';
import { counted, lookOfJob, progressOf } from './delivery-words.ts';
import { useToggleJob } from './use-jobs.ts';

/** How many jobs are shown first. Those that are active always are. */
const FIRST = 2;

interface JobListProps {
  /** The connection. */
  readonly id: string;
  /** Newest first. */
  readonly jobs: readonly ReprocessingJob[];
}

/** The last re-processing jobs, with their progress and results. */
export function JobList({ id, jobs }: JobListProps) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? jobs : jobs.filter((job, index) => index < FIRST || isActive(job));
  return (
    <Stack gap="xs" component="section" aria-labelledby="reprocessing">
      <Title id="reprocessing" order={3} size="h6">
        Re-processing
      </Title>
      <ul className={classes.jobs}>
        {shown.map((job) => (
          <Job key={job.id} id={id} job={job} />
        ))}
      </ul>
      {shown.length < jobs.length && (
        <Button variant="default" size="xs" onClick={() => setWhole(true)} className={classes.more}>
          Show {jobs.length - shown.length} earlier
        </Button>
      )}
    </Stack>
  );
}

interface JobProps {
  readonly id: string;
  readonly job: ReprocessingJob;
}

function Job({ id, job }: JobProps) {
  const toggle = useToggleJob(id, job);
  const place = useRef<HTMLLIElement>(null);
  const { label, tone } = lookOfJob(job);
  const { total, processed, state, createdAt } = job;
  // The button disappears when the job is completed: the focus moves to its result.
  const hadFocus = useRef(false);
  useEffect(() => {
    if (state === 'completed' && hadFocus.current) place.current?.focus();
  }, [state]);
  return (
    <li ref={place} tabIndex={-1} className={classes.job}>
      <Group justify="space-between" gap="xs" mih={30}>
        <Group gap="xs">
          <Status tone={tone}>{label}</Status>
          <Text span inherit>
            <Selection job={job} />
          </Text>
          <Text span inherit c="dimmed">
            started <RelativeTime at={createdAt} />
          </Text>
        </Group>
        {state !== 'completed' && (
          <BusyButton
            size="xs"
            variant="default"
            isBusy={toggle.isPending}
            onClick={() => toggle.mutate()}
            onFocus={() => (hadFocus.current = true)}
            onBlur={() => (hadFocus.current = false)}
          >
            {isActive(job) ? 'Cancel' : 'Resume'}
          </BusyButton>
        )}
      </Group>
      {isActive(job) && total !== null && (
        <Progress value={(100 * processed) / total} color="var(--accent)" aria-label="Progress" />
      )}
      <Text inherit c="dimmed">
        {progressOf(job)}
        {state === 'completed' &&
          processed > job.accepted + job.failed &&
          ' Skipped requests need no processing, or are not stored completely.'}
      </Text>
      {toggle.error !== null && <Failure error={toggle.error} title="Could not change the job" />}
    </li>
  );
}

/** Which requests a job processes. */
function Selection({ job: { total, from, to } }: { readonly job: ReprocessingJob }) {
  if (total !== null) return counted(total, 'request');
  if (from === null || to === null) return null;
  return (
    <>
      {Date.parse(from) === 0 ? (
        'All requests'
      ) : (
        <>
          Requests from <ExactTime at={from} />
        </>
      )}{' '}
      until <ExactTime at={to} />
    </>
  );
}
