import { Skeleton, Stack } from '@mantine/core';

export function DeletionSkeleton() {
  return (
    <Stack aria-busy>
      <Skeleton h={44} />
      <Skeleton h={44} />
      <Skeleton h={60} />
      <Skeleton h={36} w={200} ml="auto" />
    </Stack>
  );
}
