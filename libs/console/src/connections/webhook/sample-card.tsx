import { Group, Stack, Text } from '@mantine/core';
import { IconFlask } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, bodyOf } from '../../api/client.ts';
import { deliveriesKey } from '../../api/delivery-queries.ts';
import type { WebhookSample } from '../../api/types.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { EVENT_KINDS } from '../events/event-words.ts';
import classes from './webhook.module.css';

interface SampleCardProps {
  readonly id: string;
  readonly vendorName: string;
}

/** Sends sample events through the webhook, without the vendor. */
export function SampleCard({ id, vendorName }: SampleCardProps) {
  const queryClient = useQueryClient();
  const send = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/connections/{id}/webhook/sample', { params: { path: { id } } })),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: deliveriesKey(id) });
      void queryClient.invalidateQueries({ queryKey: ['connection', id, 'newest-events'] });
    },
  });
  return (
    <Card
      title="Sample event"
      description={`Sends a delivery, a bounce and an open through this webhook, in the form of ${vendorName}. They are marked as a test and not counted.`}
    >
      <Stack gap="md">
        <div>
          <BusyButton
            variant="default"
            leftSection={<IconFlask size={16} aria-hidden />}
            isBusy={send.isPending}
            onClick={() => send.mutate()}
          >
            Send a sample event
          </BusyButton>
        </div>
        {send.error !== null && <Failure error={send.error} title="Could not send a sample event" />}
        <div role="status">{send.data !== undefined && <SampleResult id={id} sample={send.data} />}</div>
      </Stack>
    </Card>
  );
}

const VERDICTS: Readonly<Record<WebhookSample['verdict'], readonly [label: string, tone: Tone]>> = {
  accepted: ['Accepted', 'ok'],
  unauthenticated: ['Unauthenticated', 'bad'],
  rejected: ['Rejected', 'bad'],
  failed: ['Failed', 'bad'],
};

interface SampleResultProps {
  readonly id: string;
  readonly sample: WebhookSample;
}

function SampleResult({ id, sample: { verdict, reason, events, notExercised } }: SampleResultProps) {
  const [label, tone] = VERDICTS[verdict];
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Status tone={tone}>{label}</Status>
        <Text size="sm">
          {reason ?? (events.length === 1 ? '1 event is stored.' : `${String(events.length)} events are stored.`)}
        </Text>
      </Group>
      {events.length > 0 && (
        <ul className={classes.sampleEvents} aria-label="Sample events">
          {events.map((event) => (
            <li key={event.id}>
              <Link to="/connections/$id/events" params={{ id }} search={{ event: event.id }}>
                {EVENT_KINDS[event.kind].label}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <Text size="sm" c="dimmed" component="div">
        This does not check:
        <ul className={classes.gaps}>
          {notExercised.map(({ code, description }) => (
            <li key={code}>{description}</li>
          ))}
        </ul>
      </Text>
    </Stack>
  );
}
