import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Problem } from '../api/problem.ts';
import { FailureBox } from './failure-box.tsx';
import { RetryButton } from './retry-button.tsx';

export interface FailureProps {
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
