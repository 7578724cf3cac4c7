import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import type { ConnectionTest, UnsavedTest } from '../../api/types.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { BusyButton } from '../../ui/busy-button.tsx';
import { Card } from '../../ui/card.tsx';
import { DiagnosisView } from '../test/diagnosis-view.tsx';
import { RecipientsInput } from '../test/recipients-input.tsx';
import { faultOfRecipients, withTyped } from '../test/recipients.ts';
import { FaultList } from './fault-list.tsx';
import { faultsIn, placeAtFault, placeFaults } from './place-faults.ts';
import type { ConnectionForm } from './use-connection-form.ts';
import type { FormFaults } from './validate.ts';

export interface TryCardProps {
  readonly connectionForm: ConnectionForm;
  /** What to test, for these recipients; undefined if the form has faults, which are then shown. */
  readonly prepare: (to: readonly string[]) => UnsavedTest | undefined;
  /** What was prepared goes to the vendor now. */
  readonly onStart: () => void;
  /** Takes the id of a finished test, which saving the same values records with the connection. */
  readonly onTested: (testId: string) => void;
  /** Whether the form holds something else since. */
  readonly isOutdated: boolean;
  readonly onFaults: (faults: FormFaults) => void;
  readonly onGoTo: (paths: readonly string[]) => void;
}

/** Tries what the form holds at the vendor, before any of it is stored. */
export function TryCard(props: TryCardProps) {
  const {
    connectionForm: { shown },
    prepare,
    onStart,
    onTested,
    isOutdated,
    onFaults,
    onGoTo,
  } = props;
  const [to, setTo] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState<string>();
  const [outcome, setOutcome] = useState<ConnectionTest>();
  const recipients = useRef<HTMLDivElement>(null);
  const test = useMutation({
    mutationFn: (body: UnsavedTest) => bodyOf(api.POST('/api/v1/connections/test', { body })),
    // It holds what was typed into secrets, and is forgotten with its result.
    gcTime: 0,
    onSuccess: (result) => {
      setOutcome(result);
      onTested(result.testId);
      test.reset();
    },
    onError: (error) => {
      const { to: wrong, ...others } = placeFaults(faultsIn(error), shown).atFields;
      if (Object.keys(others).length > 0) onFaults(others);
      else if (wrong !== undefined) refuse(wrong);
    },
  });

  const refuse = (why: string) => {
    setFault(why);
    recipients.current?.querySelector('input')?.focus();
  };
  const run = (event: FormEvent) => {
    event.preventDefault();
    if (test.isPending) return;
    const all = withTyped(to, typed);
    setTo(all);
    setTyped('');
    const wrong = faultOfRecipients(all);
    setFault(wrong);
    const body = prepare(all);
    if (body === undefined) return;
    if (wrong !== undefined) {
      refuse(wrong);
      return;
    }
    onStart();
    setOutcome(undefined);
    test.mutate(body);
  };
  const { others, atFields } = placeFaults(faultsIn(test.error), shown);
  const isShownAtFields = others.length === 0 && Object.keys(atFields).length > 0;
  const place = placeAtFault(outcome?.diagnosis.error, shown);
  return (
    <Card
      title="Test before saving"
      description="Tries what is entered above at the vendor. None of it is stored by that."
    >
      <form onSubmit={run} noValidate autoComplete="off">
        <Stack gap="md">
          <div ref={recipients}>
            <RecipientsInput
              value={to}
              onChange={(changed) => {
                setTo(changed);
                setFault(undefined);
              }}
              typed={typed}
              onType={setTyped}
              error={fault}
            />
          </div>
          <Group gap="sm">
            <BusyButton type="submit" variant="default" isBusy={test.isPending}>
              {to.length > 0 || typed.trim() !== '' ? 'Send Test' : 'Test without sending'}
            </BusyButton>
            {test.isPending && (
              <Text size="sm" c="dimmed">
                An answer can take up to 15 seconds.
              </Text>
            )}
          </Group>
          {test.isPending && <Announcement>Testing</Announcement>}
          {test.error !== null && !isShownAtFields && (
            <FaultList error={test.error} title="The test did not run" faults={others} />
          )}
          {outcome !== undefined && (
            <>
              {isOutdated && (
                <Text size="sm" c="var(--warn)">
                  Something above was changed since. This is what came out before.
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
            </>
          )}
        </Stack>
      </form>
    </Card>
  );
}
