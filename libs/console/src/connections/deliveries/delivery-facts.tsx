import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import type { Delivery, DeliveryDetails } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { TextLink } from '../../ui/buttons.tsx';
import { Fact, Facts } from '../../ui/card.tsx';
import { ExactTime, RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { measured } from '../test/failure-words.ts';
import classes from './deliveries.module.css';
import { canReprocess, lookOf, reasonOf, sizeOf } from './delivery-words.ts';
import { ReprocessDialog } from './reprocess-dialog.tsx';

interface DeliveryFactsProps {
  /** The connection. */
  readonly id: string;
  /** With the details once they are loaded. */
  readonly delivery: Delivery & Partial<DeliveryDetails>;
}

/** Everything that is stored of a request, except its body. */
export function DeliveryFacts({ id, delivery }: DeliveryFactsProps) {
  const { status, receivedAt, lastReceivedAt, occurrences, size, durationMs, hasBody } = delivery;
  const { accepted, duplicates, rejected, contentType } = delivery;
  const { label, tone, meaning } = lookOf(delivery);
  return (
    <Stack gap="lg">
      <Stack gap={6}>
        <Group gap="xs">
          <Status tone={tone}>{label}</Status>
          <Text size="sm" c="dimmed">
            <RelativeTime at={receivedAt} />
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {meaning}
        </Text>
      </Stack>
      <ProcessAgain id={id} delivery={delivery} />
      <Facts>
        {status !== 'accepted' && <Fact name="Reason">{reasonOf(delivery)}</Fact>}
        {status === 'accepted' && (
          <>
            <Fact name="New events">
              {accepted.toLocaleString('en')}
              {accepted > 0 && <EventsLink id={id} receivedAt={receivedAt} />}
            </Fact>
            <Fact name="Already known">{duplicates.toLocaleString('en')}</Fact>
          </>
        )}
        {status !== 'unauthenticated' && <Fact name="Unreadable items">{rejected.toLocaleString('en')}</Fact>}
        <Fact name={occurrences > 1 ? 'First received' : 'Received'}>
          <ExactTime at={receivedAt} />
        </Fact>
        {occurrences > 1 && (
          <>
            <Fact name="Last received">
              <ExactTime at={lastReceivedAt} />
            </Fact>
            <Fact name="Times received">{occurrences.toLocaleString('en')}</Fact>
          </>
        )}
        {(size > 0 || hasBody) && <Fact name="Size">{sizeOf(size)}</Fact>}
        <Fact name="Processing time">{measured(durationMs)}</Fact>
        {contentType !== undefined && contentType !== null && (
          <Fact name="Content type">
            <code>{contentType}</code>
          </Fact>
        )}
      </Facts>
      <Rejections delivery={delivery} />
    </Stack>
  );
}

/** The button that processes a request again, where that can change something. */
function ProcessAgain({ id, delivery }: DeliveryFactsProps) {
  const mayManage = useMayManage();
  const [isOpen, dialog] = useDisclosure(false);
  if (!mayManage || !canReprocess(delivery)) return null;
  return (
    <div>
      <Button variant="default" size="xs" leftSection={<IconRefresh size={14} aria-hidden />} onClick={dialog.open}>
        Process again
      </Button>
      <ReprocessDialog id={id} delivery={delivery} opened={isOpen} onClose={dialog.close} />
    </div>
  );
}

interface EventsLinkProps {
  readonly id: string;
  /** ISO 8601. */
  readonly receivedAt: string;
}

/** The events of a request have its time of receipt, in milliseconds. */
function EventsLink({ id, receivedAt }: EventsLinkProps) {
  const from = new Date(receivedAt);
  const to = new Date(from.getTime() + 1);
  return (
    <Text size="sm">
      <TextLink
        to="/connections/$id/events"
        params={{ id }}
        search={{ from: from.toISOString(), to: to.toISOString() }}
        inherit
      >
        View events received at this time
      </TextLink>
    </Text>
  );
}

function Rejections({ delivery: { rejected, rejections } }: Pick<DeliveryFactsProps, 'delivery'>) {
  if (rejections.length === 0) return null;
  return (
    <section aria-labelledby="rejections">
      <Title id="rejections" order={3} size="h6" mb="xs">
        Unreadable items
      </Title>
      <ul className={classes.rejections}>
        {rejections.map(({ position, reason }) => (
          <li key={position}>
            Item {position + 1}: {reason}
          </li>
        ))}
      </ul>
      {rejected > rejections.length && (
        <Text size="sm" c="dimmed" mt="xs">
          And {(rejected - rejections.length).toLocaleString('en')} more.
        </Text>
      )}
    </section>
  );
}
