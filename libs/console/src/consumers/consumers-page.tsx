import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLock, IconStack2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { consumersQuery } from '../api/queries.ts';
import type { Consumer } from '../api/types.ts';
import { useMayManageAll } from '../session/session.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import classes from './consumers.module.css';
import { DeadLettersDialog } from './dead-letters-dialog.tsx';

/** What reads the events of all organizations. */
export function ConsumersPage() {
  useTitle('Consumers');
  return useMayManageAll() ? <Consumers /> : <NoAccess />;
}

function Consumers() {
  const { data: consumers, error, refetch } = useQuery(consumersQuery);
  const [opened, setOpened] = useState<Consumer | undefined>();
  return (
    <>
      <PageHeader
        title="Consumers"
        description="What reads the feed of events, and how far each has come. Lag counts requests and sent messages."
      />
      {error !== null && <Failure error={error} title="Could not load the consumers" onRetry={() => void refetch()} />}
      {consumers?.length === 0 && (
        <EmptyState icon={<IconStack2 size={22} />} title="No consumers">
          Subscribers, RabbitMQ, outgoing webhooks and projections appear here once they have started.
        </EmptyState>
      )}
      {consumers !== undefined && consumers.length > 0 && (
        <ul className={classes.list} aria-label="Consumers">
          {consumers.map((consumer) => (
            <ConsumerItem key={consumer.name} consumer={consumer} onDeadLetters={() => setOpened(consumer)} />
          ))}
        </ul>
      )}
      <DeadLettersDialog consumer={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}

const TYPES: Readonly<Record<Consumer['type'], string>> = {
  projection: 'Projection',
  subscriber: 'Subscriber',
  rabbitmq: 'Message broker',
  webhook: 'Outgoing webhook',
};

interface ConsumerItemProps {
  readonly consumer: Consumer;
  readonly onDeadLetters: () => void;
}

function ConsumerItem({ consumer, onDeadLetters }: ConsumerItemProps) {
  const { name, type, lag, paused, deadLetters, lastError, lastErrorAt, failures } = consumer;
  const { tone, text } = stateOf(consumer);
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: () => {
      const params = { path: { name } };
      return bodyOf(
        paused
          ? api.POST('/api/v1/consumers/{name}/resume', { params })
          : api.POST('/api/v1/consumers/{name}/pause', { params }),
      );
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries(consumersQuery);
      notifications.show({ message: paused ? `${name} resumed` : `${name} paused` });
    },
  });
  return (
    <li className={classes.item}>
      <div className={classes.names}>
        <Text fw={560}>{name}</Text>
        <Text size="sm" c="dimmed">
          {TYPES[type]}
          {failures > 0 && lastError !== null && ` · ${lastError}`}
          {failures > 0 && lastErrorAt !== null && (
            <>
              {' '}
              <RelativeTime at={lastErrorAt} />
            </>
          )}
        </Text>
        {change.error !== null && <Failure error={change.error} title="Could not change the consumer" />}
      </div>
      <dl className={classes.numbers}>
        <div>
          <dt>Lag</dt>
          <dd>{lag}</dd>
        </div>
        <div>
          <dt>Dead letters</dt>
          <dd>{deadLetters}</dd>
        </div>
      </dl>
      <div className={classes.state}>
        <Status tone={tone}>{text}</Status>
      </div>
      {deadLetters > 0 && (
        <Button variant="default" size="xs" onClick={onDeadLetters} aria-label={`Dead letters of ${name}`}>
          Dead letters
        </Button>
      )}
      <BusyButton
        variant="default"
        size="xs"
        isBusy={change.isPending}
        onClick={() => change.mutate()}
        aria-label={`${paused ? 'Resume' : 'Pause'} ${name}`}
      >
        {paused ? 'Resume' : 'Pause'}
      </BusyButton>
    </li>
  );
}

/** Behind by more than this, a consumer is highlighted. */
const LATE = 1_000;

function stateOf({ paused, failures, lag }: Consumer): { readonly tone: Tone; readonly text: string } {
  if (paused) return { tone: 'neutral', text: 'Paused' };
  if (failures > 0) return { tone: 'bad', text: 'Failing' };
  return lag > LATE ? { tone: 'warn', text: 'Behind' } : { tone: 'ok', text: 'Up to date' };
}

function NoAccess() {
  return (
    <EmptyState level={1} icon={<IconLock size={22} />} title="You need full access to manage consumers">
      You can view connections and events. Ask the operator of this service.
    </EmptyState>
  );
}
