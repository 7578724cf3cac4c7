import { Button } from '@mantine/core';

/** Below what failed. */
export function RetryButton({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
      Try again
    </Button>
  );
}
