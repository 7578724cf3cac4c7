import { IconMapQuestion } from '@tabler/icons-react';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ButtonLink } from '../ui/links.tsx';

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
