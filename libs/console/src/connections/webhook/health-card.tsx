import { Group, Stack, Text } from '@mantine/core';
import type { WebhookHealth } from '../../api/types.ts';
import { Card, Fact, Facts } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Moment, RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { HEALTH_STATES, healthInWords } from './health-words.ts';
import classes from './webhook.module.css';

interface HealthCardProps {
  /** Undefined if it could not be loaded. */
  readonly health: WebhookHealth | undefined;
  readonly error: Error | null;
  readonly onRetry: () => void;
  readonly vendorName: string;
}

/** Whether events are being lost, and the numbers that show it. */
export function HealthCard({ health, error, onRetry, vendorName }: HealthCardProps) {
  return (
    <Card title="Health">
      {health !== undefined && <Health health={health} vendorName={vendorName} />}
      {health === undefined && error !== null && (
        <Failure error={error} title="Could not load the health of the webhook" onRetry={onRetry} />
      )}
    </Card>
  );
}

interface HealthProps {
  readonly health: WebhookHealth;
  readonly vendorName: string;
}

function Health({ health, vendorName }: HealthProps) {
  const { state, since, counts, eventsPerMinute, lastAuthenticatedAt, changes } = health;
  const [label, tone] = HEALTH_STATES[state];
  const refused = Object.values(counts.unauthenticated).reduce((sum, count) => sum + count, 0);
  return (
    <Stack gap="md">
      <Stack gap={6} role="status">
        <Group gap="sm">
          <Status tone={tone}>{label}</Status>
          <Text size="sm" c="dimmed" component="div">
            since <RelativeTime at={since} />
          </Text>
        </Group>
        <Text size="sm">{inWords(health, vendorName)}</Text>
      </Stack>
      <Facts>
        <Fact name="Last authenticated request">
          {lastAuthenticatedAt === null ? 'None yet' : <Moment at={lastAuthenticatedAt} />}
        </Fact>
        <Fact name="Events per minute">{eventsPerMinute.toLocaleString('en')}</Fact>
        <Fact name="Events in 24 hours">{counts.events.toLocaleString('en')}</Fact>
        <Fact name="Requests in 24 hours">
          {counts.accepted.toLocaleString('en')} accepted · {counts.rejected.toLocaleString('en')} unreadable ·{' '}
          {refused.toLocaleString('en')} unauthenticated
        </Fact>
      </Facts>
      {changes.length > 1 && <Changes changes={changes} />}
    </Stack>
  );
}

function inWords({ state, reason, silenceHours }: WebhookHealth, vendorName: string): string {
  const hours = silenceHours === 1 ? 'an hour' : `${String(silenceHours)} hours`;
  if (reason === 'unreadable') return `The last request from ${vendorName} could not be read. It is listed below.`;
  if (reason === 'signature_failures') {
    return `Requests fail authentication, and none passes it. If they come from ${vendorName}, set the webhook up again or correct its key.`;
  }
  if (reason === 'no_events') {
    return `${vendorName} accepted emails more than ${hours} ago, and no event has arrived since. Check that the webhook exists there and is enabled.`;
  }
  return state === 'waiting' ? `${vendorName} has not sent anything yet.` : 'Events arrive as expected.';
}

function Changes({ changes }: Pick<WebhookHealth, 'changes'>) {
  return (
    <details className={classes.changes}>
      <summary>Changes</summary>
      <ul>
        {changes.map(({ state, reason, changedAt }) => (
          <li key={`${changedAt} ${state}`}>
            <Moment at={changedAt} />: {healthInWords({ state, reason })}
          </li>
        ))}
      </ul>
    </details>
  );
}
