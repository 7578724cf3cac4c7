import { Skeleton, Stack } from '@mantine/core';
import { Card } from '../../ui/card.tsx';

export function WebhookSkeleton() {
  return (
    <Stack gap="lg" aria-busy>
      <Card title="State">
        <Skeleton h={150} aria-hidden />
      </Card>
      <Card title="Address">
        <Skeleton h={66} aria-hidden />
      </Card>
      <Card title="Set-up">
        <Skeleton h={110} aria-hidden />
      </Card>
    </Stack>
  );
}
