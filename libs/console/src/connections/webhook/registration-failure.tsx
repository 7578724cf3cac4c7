import { Text } from '@mantine/core';
import { Problem } from '../../api/problem.ts';
import { Failure } from '../../ui/failure.tsx';
import { RetryButton } from '../../ui/retry-button.tsx';
import { FixButton } from '../test/fix-button.tsx';
import { VendorFailure } from '../test/vendor-failure.tsx';

export interface RegistrationFailureProps {
  readonly id: string;
  readonly error: Error;
  /** What failed. */
  readonly title: string;
  readonly onRetry?: () => void;
}

/** What failed at the vendor and what to do, with the vendor's own response if there is one. */
export function RegistrationFailure({ id, error, title, onRetry }: RegistrationFailureProps) {
  const details = error instanceof Problem ? error.body.error : undefined;
  if (details === undefined) return <Failure error={error} title={title} onRetry={onRetry} />;
  return (
    <div role="alert">
      <Text size="sm" fw={600} mb={8}>
        {title}
      </Text>
      <VendorFailure error={details} action={<FixButton id={id} error={details} />} />
      {onRetry !== undefined && <RetryButton onRetry={onRetry} />}
    </div>
  );
}
