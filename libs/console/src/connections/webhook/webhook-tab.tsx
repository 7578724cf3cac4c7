import { Code, Skeleton, Stack, Text } from '@mantine/core';
import { IconWebhookOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery, webhookHealthQuery, webhookQuery } from '../../api/queries.ts';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { ButtonLink } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { CopyField } from '../../ui/copy-field.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState } from '../../ui/page.tsx';
import { useVendorName } from '../../ui/vendor.tsx';
import { WebhookActivity } from '../deliveries/webhook-activity.tsx';
import { HealthCard } from './health-card.tsx';
import { SampleCard } from './sample-card.tsx';
import { SetUpCard } from './setup-card.tsx';
import { StateCard } from './webhook-state.tsx';

const route = getRouteApi('/app/connections/$id/webhook');

/** Whether the vendor's events arrive, why not, how to set that up, and what was received. */
export function WebhookTab() {
  const { id } = route.useParams();
  const connection = useQuery(connectionQuery(id)).data;
  const vendorName = useVendorName(connection?.vendor ?? '');
  const mayManage = useMayManage();
  const { data: webhook, error, refetch } = useQuery(webhookQuery(id));
  const health = useQuery({ ...webhookHealthQuery(id), enabled: webhook?.supported !== false });

  if (webhook === undefined || connection === undefined) {
    return error === null ? (
      <WebhookSkeleton />
    ) : (
      <Failure error={error} title="Could not load the webhook" onRetry={() => void refetch()} />
    );
  }
  if (!webhook.supported) return <NoWebhooks id={id} vendorName={vendorName} />;
  const hasHealth = webhook.state !== 'not_set_up';
  // It is above most of the page.
  if (hasHealth && health.isPending) return <WebhookSkeleton />;
  const address = <AddressCard key="address" webhook={webhook} vendorName={vendorName} />;
  const setUp = webhook.url !== null && <SetUpCard key="set-up" id={id} webhook={webhook} vendorName={vendorName} />;
  return (
    <Stack gap="lg">
      {error !== null && <Failure error={error} title="This page may be out of date" onRetry={() => void refetch()} />}
      <StateCard id={id} webhook={webhook} vendorName={vendorName} />
      {hasHealth && (
        <HealthCard
          health={health.data}
          error={health.error}
          onRetry={() => void health.refetch()}
          vendorName={vendorName}
        />
      )}
      {/* What is still to be done comes first. */}
      {webhook.state === 'not_set_up' ? [setUp, address] : [address, setUp]}
      {mayManage && <SampleCard id={id} vendorName={vendorName} />}
      <WebhookActivity webhook={webhook} vendorName={vendorName} />
    </Stack>
  );
}

interface AddressCardProps {
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** The URL that the vendor sends events to. */
function AddressCard({ webhook: { url, address }, vendorName }: AddressCardProps) {
  const mayManage = useMayManage();
  if (url === null) {
    return (
      <Card title="Webhook URL">
        <Stack gap={6}>
          <Text size="sm" fw={560}>
            The webhook URL is not available: the service’s public URL is not configured.
          </Text>
          <Text size="sm" c="dimmed">
            Ask the operator to set the environment variable <Code>PUBLIC_URL</Code> to the service’s address on the
            internet, such as <Code>https://your-domain.com</Code>, and to restart the service.
          </Text>
        </Stack>
      </Card>
    );
  }
  const hasSecret = address !== null && address !== url;
  return (
    <Card title="Webhook URL" description={`${vendorName} sends events to this URL. Each connection has its own.`}>
      <Stack gap="xs">
        <CopyField label="Webhook URL" value={address ?? url} />
        {hasSecret && (
          <Text size="sm" c="dimmed">
            {mayManage
              ? 'It contains a secret. Anyone who knows it can send events to this connection.'
              : 'It contains a secret, which is only shown with full access.'}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

interface NoWebhooksProps {
  readonly id: string;
  readonly vendorName: string;
}

function NoWebhooks({ id, vendorName }: NoWebhooksProps) {
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

function WebhookSkeleton() {
  return (
    <Stack gap="lg" aria-busy>
      <Card title="Status">
        <Skeleton h={150} aria-hidden />
      </Card>
      <Card title="Webhook URL">
        <Skeleton h={66} aria-hidden />
      </Card>
      <Card title="Setup">
        <Skeleton h={110} aria-hidden />
      </Card>
    </Stack>
  );
}
