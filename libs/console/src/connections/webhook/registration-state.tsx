import { ActionIcon, Group, Skeleton, Stack, Text, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Problem } from '../../api/problem.ts';
import { registrationQuery } from '../../api/queries.ts';
import { Fact, Facts } from '../../ui/card.tsx';
import { Failure, RetryButton } from '../../ui/failure.tsx';
import { Moment } from '../../ui/relative-time.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { FixButton, VendorFailure } from '../test/vendor-failure.tsx';
import classes from './webhook.module.css';

const STATES = {
  registered: ['ok', 'Active'],
  not_registered: ['bad', 'Missing'],
  drifted: ['warn', 'Out of date'],
} as const satisfies Readonly<Record<string, readonly [Tone, string]>>;

interface RegistrationStateProps {
  readonly id: string;
  readonly vendorName: string;
}

/** What the vendor reports about the webhook now, and how that differs from what this service would set up. */
export function RegistrationState({ id, vendorName }: RegistrationStateProps) {
  const { data, error, isFetching, refetch } = useQuery(registrationQuery(id));
  if (error !== null && data === undefined) {
    return (
      <RegistrationFailure
        id={id}
        error={error}
        title={`Could not load the webhook’s status from ${vendorName}`}
        onRetry={() => void refetch()}
      />
    );
  }
  if (data === undefined) return <Skeleton h={28} w={220} aria-hidden />;
  const { state, drift, lastDeliveredAt, lastFailedAt } = data;
  const [tone, label] = STATES[state];
  return (
    <Stack gap="sm">
      <Group gap={6}>
        <Group gap="xs" role="status">
          <Text size="sm" c="dimmed">
            In {vendorName}
          </Text>
          <Status tone={tone}>{label}</Status>
          {state === 'registered' && (
            <Text size="sm" c="dimmed">
              In sync
            </Text>
          )}
        </Group>
        <Tooltip label={`Check ${vendorName} again`}>
          <ActionIcon
            color="gray"
            size="md"
            aria-label={`Check ${vendorName} again`}
            aria-disabled={isFetching}
            className={classes.refresh}
            data-busy={isFetching}
            onClick={() => void (isFetching || refetch())}
          >
            <IconRefresh size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      {state === 'not_registered' && (
        <Text size="sm">The webhook was deleted in {vendorName}, so no events arrive. Set it up again.</Text>
      )}
      {drift.length > 0 && (
        <ul className={classes.drift} aria-label="What differs">
          {drift.map((difference) => (
            <li key={difference}>{difference}</li>
          ))}
        </ul>
      )}
      {(lastDeliveredAt !== null || lastFailedAt !== null) && (
        <Facts>
          {lastDeliveredAt !== null && (
            <Fact name="Last delivered">
              <Moment at={lastDeliveredAt} />
            </Fact>
          )}
          {lastFailedAt !== null && (
            <Fact name="Last failed">
              <Moment at={lastFailedAt} />
            </Fact>
          )}
        </Facts>
      )}
    </Stack>
  );
}

interface RegistrationFailureProps {
  readonly id: string;
  readonly error: Error;
  /** What failed. */
  readonly title: string;
  readonly onRetry?: () => void;
}

/** What failed at the vendor and what to do, with the vendor's own response if there is one. */
export function RegistrationFailure({ id, error, title, onRetry }: RegistrationFailureProps) {
  const details = error instanceof Problem ? error.body.error : undefined;
  if (details === undefined) return <Failure error={error} title={title} onRetry={onRetry} />;
  return (
    <div role="alert">
      <Text size="sm" fw={600} mb={8}>
        {title}
      </Text>
      <VendorFailure error={details} action={<FixButton id={id} error={details} />} />
      {onRetry !== undefined && <RetryButton onRetry={onRetry} />}
    </div>
  );
}
