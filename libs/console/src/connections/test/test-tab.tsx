import { Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery } from '../../api/queries.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { TestCard } from './test-card.tsx';
import { TestHistory } from './test-history.tsx';

const route = getRouteApi('/app/connections/$id/test');

/** Tests a connection, and shows earlier tests. */
export function TestTab() {
  const { id } = route.useParams();
  const mayManage = useMayManage();
  const { data: connection } = useQuery(connectionQuery(id));
  // The history waits for the form above it; otherwise it would jump down.
  if (mayManage && connection === undefined) {
    return (
      <Card title="Test this connection">
        <Skeleton h={222} aria-hidden />
      </Card>
    );
  }
  return (
    <Stack gap="lg">
      {mayManage && connection !== undefined && <TestCard connection={connection} />}
      <TestHistory id={id} />
    </Stack>
  );
}
