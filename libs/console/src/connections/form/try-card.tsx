import { Button, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Announcement } from '../../ui/announcement.tsx';
import { Card } from '../../ui/card.tsx';
import { DiagnosisView } from '../test/diagnosis-view.tsx';
import { RecipientsInput } from '../test/recipients-input.tsx';
import { FaultList } from './form-notices.tsx';
import { faultsIn, placeAtFault, placeFaults } from './place-faults.ts';
import type { ConnectionForm } from './use-connection-form.ts';
import type { Try } from './use-try.ts';

export interface TryCardProps {
  /** The id of its form, which the button in the save bar submits. */
  readonly formId: string;
  readonly connectionForm: ConnectionForm;
  readonly trial: Try;
  /** Whether the form has other values than the test ran with. */
  readonly isOutdated: boolean;
  readonly onGoTo: (paths: readonly string[]) => void;
}

/** Tests the values of the form before they are saved: the recipients, and the result. */
export function TryCard({ formId, connectionForm: { shown }, trial, isOutdated, onGoTo }: TryCardProps) {
  const { test, outcome, recipients } = trial;
  const result = useRef<HTMLDivElement>(null);
  const { others, atFields } = placeFaults(faultsIn(test.error), shown);
  const isShownAtFields = others.length === 0 && Object.keys(atFields).length > 0;
  const place = placeAtFault(outcome?.diagnosis.error, shown);
  const isRunning = test.isPending || (test.error !== null && !isShownAtFields);
  const hasResult = isRunning || outcome !== undefined;

  // The button that runs the test is in the save bar, wherever the page is scrolled to.
  useEffect(() => {
    if (isRunning || outcome !== undefined) result.current?.scrollIntoView({ block: 'nearest' });
  }, [isRunning, outcome]);

  return (
    <Card title="Test before saving" description="Test Connection uses the values above, without saving them.">
      <form id={formId} onSubmit={trial.submit} noValidate autoComplete="off">
        <Stack gap="md">
          <div ref={recipients}>
            <RecipientsInput
              value={trial.to}
              onChange={trial.setTo}
              typed={trial.typed}
              onType={trial.setTyped}
              error={trial.recipientsError}
            />
          </div>
          {hasResult && (
            <div ref={result}>
              {test.isPending && (
                <>
                  <Text size="sm" c="dimmed">
                    Testing… This can take up to 15 seconds.
                  </Text>
                  <Announcement>Testing</Announcement>
                </>
              )}
              {test.error !== null && !isShownAtFields && (
                <FaultList error={test.error} title="Could not run the test" faults={others} />
              )}
              {outcome !== undefined && (
                <Stack gap="md">
                  {isOutdated && (
                    <Text size="sm" c="var(--warn)">
                      The form has changed since this test. Test again.
                    </Text>
                  )}
                  <DiagnosisView
                    key={outcome.testedAt}
                    diagnosis={outcome.diagnosis}
                    action={
                      place !== undefined && (
                        <Button size="xs" variant="default" onClick={() => onGoTo([place.path])}>
                          Go to {place.label}
                        </Button>
                      )
                    }
                  />
                </Stack>
              )}
            </div>
          )}
        </Stack>
      </form>
    </Card>
  );
}
