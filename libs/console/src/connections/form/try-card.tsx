import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import type { UnsavedTest, UnsavedTestResult, VendorField } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { faultOfRecipients } from '../../api/validation.ts';
import { Announcement } from '../../ui/status.tsx';
import { DiagnosisView } from '../test/diagnosis-view.tsx';
import { RecipientsInput, useRecipients } from '../test/recipients-input.tsx';
import type { EffectiveMode } from '../mode-words.ts';
import { FaultList } from './form-notices.tsx';
import { faultsIn, placeAtFault, placeFaults } from './places.ts';
import type { ConnectionForm } from './use-connection-form.ts';
import type { FormFaults } from './validate.ts';

interface TryCardProps {
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
  const { test, outcome, recipients, mode, place } = trial;
  const result = useRef<HTMLDivElement>(null);
  const { others, atFields } = placeFaults(faultsIn(test.error), shown);
  const isShownAtFields = others.length === 0 && Object.keys(atFields).length > 0;
  const faulty = placeAtFault(outcome?.diagnosis.error, shown);
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
          <div ref={place}>
            <RecipientsInput recipients={recipients} mode={mode} />
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
                    mode={outcome.mode}
                    action={
                      faulty !== undefined && (
                        <Button size="xs" variant="default" onClick={() => onGoTo([faulty.path])}>
                          Go to {faulty.label}
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

/** A result, and the mode that it ran with. */
interface TryOutcome extends UnsavedTestResult {
  readonly mode: EffectiveMode;
}

interface TryOptions {
  readonly shown: readonly VendorField[];
  /** What happens to emails with the values of the form. */
  readonly mode: EffectiveMode;
  /** The test for these recipients; undefined if the form has errors, which are then shown. */
  readonly prepare: (to: readonly string[]) => UnsavedTest | undefined;
  /** Called when the test is sent. */
  readonly onStart: () => void;
  readonly onFaults: (faults: FormFaults) => void;
}

/** A test of the form's values before they are saved. */
export function useTry({ shown, mode, prepare, onStart, onFaults }: TryOptions) {
  const recipients = useRecipients();
  const [outcome, setOutcome] = useState<TryOutcome>();
  /** Where the recipients are entered. */
  const place = useRef<HTMLDivElement>(null);
  const test = useMutation({
    mutationFn: async (given: { readonly body: UnsavedTest; readonly mode: EffectiveMode }): Promise<TryOutcome> => ({
      ...(await bodyOf(api.POST('/api/v1/connections/test', { body: given.body }))),
      mode: given.mode,
    }),
    // The mutation holds the typed secrets, and leaves memory with its result.
    gcTime: 0,
    onSuccess: (result) => {
      setOutcome(result);
      test.reset();
    },
    onError: (error) => {
      const { to: wrong, ...others } = placeFaults(faultsIn(error), shown).atFields;
      if (Object.keys(others).length > 0) onFaults(others);
      else if (wrong !== undefined) reject(wrong);
    },
  });

  const reject = (message: string) => {
    recipients.setError(message);
    place.current?.querySelector('input')?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (test.isPending) return;
    const to = recipients.take(recipients.typed);
    const wrong = faultOfRecipients(to);
    recipients.setError(wrong);
    const body = prepare(to);
    if (body === undefined) return;
    if (wrong !== undefined) {
      reject(wrong);
      return;
    }
    onStart();
    setOutcome(undefined);
    test.mutate({ body, mode });
  };
  return { test, outcome, submit, recipients, mode, place };
}

type Try = ReturnType<typeof useTry>;
