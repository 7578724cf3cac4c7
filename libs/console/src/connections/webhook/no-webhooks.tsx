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
          View events
        </ButtonLink>
      }
    >
      {vendorName} does not report what happens after it accepted a message: no deliveries, later bounces or complaints.
      Sent messages and immediate rejections still appear under Events.
    </EmptyState>
  );
}
