import { Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf } from '../api/client.ts';
import { messageQuery, OUTGOING_KEY } from '../api/outgoing-queries.ts';
import { Problem } from '../api/problem.ts';
import type { WebhookAttempt, WebhookEndpoint, WebhookMessage } from '../api/types.ts';
import { measured } from '../connections/test/failure-words.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Fact, Facts } from '../ui/card.tsx';
import { DetailDrawer } from '../ui/detail-drawer.tsx';
import { Failure } from '../ui/failure.tsx';
import { ExactTime, Moment } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import { focusRow } from './message-table.tsx';
import classes from './outgoing.module.css';
import { attemptInWords, contentInWords, lookOfMessage } from './outgoing-words.ts';

interface MessageDrawerProps {
  readonly endpoint: WebhookEndpoint;
  /** The messages in the list. */
  readonly listed: readonly WebhookMessage[];
  /** The message that is open; undefined while none is. */
  readonly messageId: string | undefined;
  readonly onClose: () => void;
}

/** One message with its attempts, beside the list. */
export function MessageDrawer({ endpoint, listed, messageId, onClose }: MessageDrawerProps) {
  return (
    <DetailDrawer
      title="Message"
      itemId={messageId}
      onClose={onClose}
      focusRow={(each) => focusRow(each, { preventScroll: true })}
    >
      {(each) => (
        <Content
          key={each}
          endpoint={endpoint}
          messageId={each}
          listed={listed.find((message) => message.id === each)}
        />
      )}
    </DetailDrawer>
  );
}

interface ContentProps {
  readonly endpoint: WebhookEndpoint;
  readonly messageId: string;
  readonly listed: WebhookMessage | undefined;
}

function Content({ endpoint, messageId, listed }: ContentProps) {
  const { data, error, refetch } = useQuery(messageQuery(endpoint.id, messageId));
  const message = data ?? listed;
  const isGone = error instanceof Problem && error.status === 404;
  return (
    <Stack gap="lg" aria-busy={message === undefined && error === null}>
      {error !== null && (
        <Failure error={error} title="Could not load the message" onRetry={isGone ? undefined : () => void refetch()} />
      )}
      {message !== undefined ? (
        <>
          <MessageFacts message={message} />
          {endpoint.state === 'enabled' && <Replay endpointId={endpoint.id} message={message} />}
          <Attempts attempts={message.attempts} />
        </>
      ) : (
        error === null && <Skeleton h={320} />
      )}
    </Stack>
  );
}

function MessageFacts({ message }: { readonly message: WebhookMessage }) {
  const { id, firstPosition, lastPosition, createdAt, nextAttemptAt, endedAt, state } = message;
  const { label, tone } = lookOfMessage(message);
  return (
    <Stack gap="md">
      <Group gap="xs">
        <Status tone={tone}>{label}</Status>
        <Text size="sm" c="dimmed">
          {contentInWords(message)}
        </Text>
      </Group>
      <Facts>
        <Fact name="ID">
          <code>{id}</code>
        </Fact>
        {firstPosition !== null && lastPosition !== null && (
          <Fact name="Positions">
            {firstPosition} to {lastPosition}
          </Fact>
        )}
        <Fact name="Created">
          <Moment at={createdAt} />
        </Fact>
        {nextAttemptAt !== null && (
          <Fact name="Next attempt">
            <Moment at={nextAttemptAt} />
          </Fact>
        )}
        {endedAt !== null && (
          <Fact name={state === 'delivered' ? 'Delivered' : 'Failed'}>
            <Moment at={endedAt} />
          </Fact>
        )}
      </Facts>
    </Stack>
  );
}

interface ReplayProps {
  readonly endpointId: string;
  readonly message: WebhookMessage;
}

function Replay({ endpointId: id, message }: ReplayProps) {
  const queryClient = useQueryClient();
  const replay = useMutation({
    mutationFn: () => {
      const params = { path: { id, messageId: message.id } };
      return bodyOf(api.POST('/api/v1/webhook-endpoints/{id}/messages/{messageId}/replay', { params }));
    },
    onSuccess: () => notifications.show({ message: 'Sending the message again' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: OUTGOING_KEY }),
  });
  const label = message.state === 'pending' ? 'Try now' : 'Send again';
  return (
    <div>
      <BusyButton
        variant="default"
        size="xs"
        leftSection={<IconRefresh size={14} aria-hidden />}
        isBusy={replay.isPending || message.state === 'sending'}
        onClick={() => replay.mutate()}
      >
        {label}
      </BusyButton>
      {replay.error !== null && <Failure error={replay.error} title="Could not send the message again" />}
    </div>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly WebhookAttempt[] }) {
  if (attempts.length === 0) return null;
  return (
    <section aria-labelledby="attempts">
      <Title id="attempts" order={3} size="h6" mb="xs">
        Attempts
      </Title>
      <ol className={classes.attempts} reversed>
        {attempts.map((attempt) => (
          <li key={attempt.id}>
            <Group justify="space-between" gap="xs">
              <Text size="sm" fw={560}>
                {attemptInWords(attempt)}
              </Text>
              <Text size="sm" c="dimmed">
                <ExactTime at={attempt.startedAt} /> · {measured(attempt.durationMs)}
              </Text>
            </Group>
            {attempt.response !== null && <pre className={classes.response}>{attempt.response}</pre>}
          </li>
        ))}
      </ol>
    </section>
  );
}
