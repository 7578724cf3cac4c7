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

/** No events yet, and what to do about it. */
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
            {webhook === 'not_set_up' && mayManage ? 'Set up the webhook' : 'View webhook'}
          </ButtonLink>
        )
      }
    >
      {reports
        ? 'Events appear here as soon as you send a message. Deliveries, bounces, complaints, opens and clicks arrive through the webhook.'
        : 'Sent messages and immediate rejections appear here. This vendor has no webhooks, so it does not report later events.'}
    </EmptyState>
  );
}

export function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No matching events</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No matching events"
        action={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Search for a recipient by the exact address.
      </EmptyState>
    </>
  );
}
