import { Box } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ButtonLink } from '../ui/buttons.tsx';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, useTitle } from '../ui/page.tsx';

/** Shown when a page could not be rendered. */
export function ErrorPage({ error }: ErrorComponentProps) {
  useTitle('Error');
  const router = useRouter();
  return (
    <Box component="main" maw={560} mx="auto" mt="10vh" p="md">
      <Failure
        error={error instanceof Error ? error : new Error(String(error))}
        title="Could not load this page"
        onRetry={() => void router.invalidate()}
      />
    </Box>
  );
}

/** For an unknown address, and for a connection that does not exist. The shell around it has the navigation. */
export function NotFoundPage() {
  useTitle('Page not found');
  return (
    <EmptyState
      level={1}
      icon={<IconMapQuestion size={22} />}
      title="Page not found"
      action={
        <ButtonLink to="/connections" variant="default">
          Back to connections
        </ButtonLink>
      }
    >
      The link may be outdated, or the connection was deleted.
    </EmptyState>
  );
}
