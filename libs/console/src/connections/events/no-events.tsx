import { Button } from '@mantine/core';
import { IconActivity, IconFilterOff } from '@tabler/icons-react';
import type { WebhookState } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ButtonLink } from '../../ui/links.tsx';

export interface NoEventsProps {
  readonly id: string;
  /** Undefined until it is known. */
  readonly webhook: WebhookState | undefined;
}

/** Where nothing has happened yet: what would change that. */
export function NoEvents({ id, webhook }: NoEventsProps) {
  const mayManage = useMayManage();
  const reports = webhook !== 'unsupported';
  return (
    <EmptyState
      icon={<IconActivity size={22} />}
      title="No events yet"
      action={
        reports && (
          <ButtonLink to="/connections/$id/webhook" params={{ id }} variant="default">
            {webhook === 'receiving' || !mayManage ? 'See the webhook' : 'Set up the webhook'}
          </ButtonLink>
        )
      }
    >
      {reports
        ? 'As soon as something is sent, what became of it is told here. Deliveries, bounces, complaints, opens and clicks come over the webhook.'
        : 'As soon as something is sent, it is told here whether it was taken. This vendor has no webhooks, so nothing is known of it afterwards.'}
    </EmptyState>
  );
}

export function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No event matches</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No event matches"
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      >
        A recipient is found by the whole address, as it was sent to.
      </EmptyState>
    </>
  );
}
