import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { Failure } from '../ui/failure.tsx';
import { useTitle } from '../ui/use-title.ts';
import classes from './error-page.module.css';

/** Shown when a page could not be rendered. */
export function ErrorPage({ error }: ErrorComponentProps) {
  useTitle('Error');
  const router = useRouter();
  return (
    <main className={classes.page}>
      <Failure
        error={error instanceof Error ? error : new Error(String(error))}
        title="Could not load this page"
        onRetry={() => void router.invalidate()}
      />
    </main>
  );
}
