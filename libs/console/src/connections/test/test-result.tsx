import { Skeleton, Stack, Text } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { Failure } from '../../ui/failure.tsx';
import { Announcement } from '../../ui/status.tsx';
import { DiagnosisView } from './diagnosis-view.tsx';
import classes from './test.module.css';
import { otherFaults, type TestForm } from './use-test-form.ts';
import { FixButton } from './vendor-failure.tsx';

interface TestResultProps {
  readonly form: TestForm;
}

/** The result of the test, below its form and scrolled into view. */
export function TestResult({ form: { test, isFaulty } }: TestResultProps) {
  const place = useRef<HTMLDivElement>(null);
  const isStill = useReducedMotion();
  const { data, error, status, submittedAt } = test;

  useEffect(() => {
    if (status !== 'idle') place.current?.scrollIntoView({ block: 'nearest', behavior: isStill ? 'auto' : 'smooth' });
  }, [status, isStill]);

  if (status === 'idle') return null;
  return (
    <div ref={place} className={classes.result}>
      {status === 'pending' && <Pending />}
      {error !== null && (
        <Failure
          error={error}
          title={isFaulty ? 'Fix the highlighted fields, then test again.' : 'Could not run the test'}
        >
          {otherFaults(error).map(({ pointer, message }) => (
            <Text key={pointer} size="sm">
              {message} <code>{pointer}</code>
            </Text>
          ))}
        </Failure>
      )}
      {data !== undefined && (
        <Stack gap="md">
          <DiagnosisView
            key={submittedAt}
            diagnosis={data.diagnosis}
            mode={data.mode}
            action={<FixButton id={data.connectionId} error={data.diagnosis.error} />}
          />
          {data.isOverwritten && (
            <Text size="sm" c="dimmed">
              This test used a different sender, so it is not in the history.
            </Text>
          )}
        </Stack>
      )}
    </div>
  );
}

function Pending() {
  return (
    <Stack gap="md" aria-busy>
      <Announcement>Testing</Announcement>
      <Text size="sm" c="dimmed">
        Testing… This can take up to 15 seconds.
      </Text>
      <Skeleton h={62} />
      <Skeleton h={150} />
    </Stack>
  );
}
