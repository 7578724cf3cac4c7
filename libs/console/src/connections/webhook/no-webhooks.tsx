import { IconWebhookOff } from '@tabler/icons-react';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ButtonLink } from '../../ui/links.tsx';

export interface NoWebhooksProps {
  readonly id: string;
  readonly vendorName: string;
}

export function NoWebhooks({ id, vendorName }: NoWebhooksProps) {
  return (
    <EmptyState
      icon={<IconWebhookOff size={22} />}
      title={`${vendorName} has no webhooks`}
      action={
        <ButtonLink to="/connections/$id/events" params={{ id }} variant="default">
          Events
        </ButtonLink>
      }
    >
      It tells nothing of a message that it has accepted: no deliveries, no later bounces, no complaints. What was sent,
      and what was refused while it was sent, is under Events all the same.
    </EmptyState>
  );
}
