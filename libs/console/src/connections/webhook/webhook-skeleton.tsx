import { Skeleton, Stack } from '@mantine/core';
import { Card } from '../../ui/card.tsx';

export function WebhookSkeleton() {
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
