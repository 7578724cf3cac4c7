import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTitle } from '../ui/use-title.ts';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <EmptyState
      level={1}
      icon={<IconMapQuestion size={22} />}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/connections" variant="default">
          To the connections
        </Button>
      }
    >
      The link may be old, or what it led to may have been deleted.
    </EmptyState>
  );
}
