import { Text } from '@mantine/core';
import { Problem } from '../../api/problem.ts';
import { Failure } from '../../ui/failure.tsx';
import { RetryButton } from '../../ui/retry-button.tsx';
import { SettingsButton } from '../test/settings-button.tsx';
import { VendorFailure } from '../test/vendor-failure.tsx';

export interface RegistrationFailureProps {
  readonly id: string;
  readonly error: Error;
  /** What did not happen. */
  readonly title: string;
  readonly onRetry?: () => void;
}

/** What did not happen at the vendor, and what to do; in the vendor's own words where it had a say. */
export function RegistrationFailure({ id, error, title, onRetry }: RegistrationFailureProps) {
  const told = error instanceof Problem ? error.body.error : undefined;
  if (told === undefined) return <Failure error={error} title={title} onRetry={onRetry} />;
  return (
    <div role="alert">
      <Text size="sm" fw={600} mb={8}>
        {title}
      </Text>
      <VendorFailure error={told} action={<SettingsButton id={id} error={told} />} />
      {onRetry !== undefined && <RetryButton onRetry={onRetry} />}
    </div>
  );
}
