import { Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Problem } from '../api/problem.ts';
import classes from './ui.module.css';

interface FailureProps {
  readonly error: Error;
  /** What failed: "Could not save the connection". */
  readonly title: string;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ReactNode;
}

/** What failed, why, and what to do. Screen readers announce it. */
export function Failure({ error, title, onRetry, children }: FailureProps) {
  const problem = error instanceof Problem ? error : undefined;
  const requestId = problem !== undefined && problem.status >= 500 ? problem.body.requestId : undefined;
  return (
    <FailureBox role="alert">
      <Text fw={600} size="sm">
        {title}
      </Text>
      <Text size="sm">
        {problem === undefined
          ? 'This page has an error. Reload it. If it happens again, contact your administrator.'
          : problem.message}
      </Text>
      {problem?.body.error !== undefined && <Text size="sm">{problem.body.error.hint}</Text>}
      {requestId !== undefined && (
        <Text size="xs" ff="monospace" mt={4}>
          Request {requestId}
        </Text>
      )}
      {children}
      {onRetry !== undefined && <RetryButton onRetry={onRetry} />}
    </FailureBox>
  );
}

interface FailureBoxProps {
  /** `alert` makes screen readers announce it. */
  readonly role?: 'alert';
  readonly children: ReactNode;
}

/** The frame of an error. */
export function FailureBox({ role, children }: FailureBoxProps) {
  return (
    <div role={role} className={classes.failure}>
      <IconAlertTriangle size={18} aria-hidden className={classes.failureIcon} />
      <div className={classes.failureText}>{children}</div>
    </div>
  );
}

/** Below what failed. */
export function RetryButton({ onRetry }: { readonly onRetry: () => void }) {
  return (
    <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
      Try again
    </Button>
  );
}
