import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Failure } from '../ui/failure.tsx';
import { useTitle } from '../ui/use-title.ts';
import classes from './error-page.module.css';

/** Where a page cannot be shown at all. */
export function ErrorPage({ error }: ErrorComponentProps) {
  useTitle('Failed');
  const router = useRouter();
  return (
    <main className={classes.page}>
      <Failure
        error={error instanceof Error ? error : new Error(String(error))}
        title="This page cannot be shown"
        onRetry={() => void router.invalidate()}
      />
    </main>
  );
}
