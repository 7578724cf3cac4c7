import { IconMapQuestion } from '@tabler/icons-react';
import { EmptyState } from '../ui/empty-state.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ButtonLink } from '../ui/links.tsx';

/** Where no page begins that way. */
export function NoPage() {
  return (
    <main>
      <NotFoundPage />
    </main>
  );
}

/** Where what a page is about is not there. */
export function NotFoundPage() {
  useTitle('Not found');
  return (
    <EmptyState
      level={1}
      icon={<IconMapQuestion size={22} />}
      title="There is nothing at this address"
      action={
        <ButtonLink to="/connections" variant="default">
          To the connections
        </ButtonLink>
      }
    >
      The link may be old, or what it led to may have been deleted.
    </EmptyState>
  );
}
