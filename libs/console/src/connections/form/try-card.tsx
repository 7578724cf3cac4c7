import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import type { UnsavedTest } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { DiagnosisView } from '../test/diagnosis-view.tsx';
import { FaultList } from './fault-list.tsx';
import { INPUT_ORDER, PLAIN_TEXT } from './input-props.ts';
import { placeFaults } from './place-faults.ts';
import { faultOfRecipients, recipientsIn } from './recipients.ts';
import classes from './try-card.module.css';
import type { ConnectionForm } from './use-connection-form.ts';
import type { FormFaults } from './validate.ts';

export interface TryCardProps {
  readonly connectionForm: ConnectionForm;
  /** What to test, for these recipients; undefined if the form has faults, which are then shown. */
  readonly prepare: (to: readonly string[]) => UnsavedTest | undefined;
  readonly onFaults: (faults: FormFaults) => void;
}

/** Tries what the form holds at the vendor, before any of it is stored. */
export function TryCard({ connectionForm: { form, shown }, prepare, onFaults }: TryCardProps) {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const test = useMutation({
    mutationFn: (body: UnsavedTest) => bodyOf(api.POST('/api/v1/connections/test', { body })),
    // It holds what was typed into secrets.
    gcTime: 0,
    onError: (error) => {
      const { atFields } = faultsOf(error, shown);
      const { to, ...others } = atFields;
      if (to !== undefined) refuse(to);
      if (Object.keys(others).length > 0) onFaults(others);
    },
  });
  const [tested, setTested] = useState(form.values);

  const refuse = (why: string) => {
    setFault(why);
    input.current?.focus();
  };
  const run = () => {
    if (test.isPending) return;
    const to = recipientsIn(text);
    const wrong = faultOfRecipients(to);
    setFault(wrong);
    const body = prepare(to);
    if (body === undefined) return;
    if (wrong !== undefined) {
      refuse(wrong);
      return;
    }
    setTested(form.values);
    test.mutate(body);
  };
  const runOnEnter = (event: KeyboardEvent) => {
    // Within this form Enter would save.
    if (event.key !== 'Enter') return;
    event.preventDefault();
    run();
  };
  const { others, atFields } = faultsOf(test.error, shown);
  const isShownAtFields = others.length === 0 && Object.keys(atFields).length > 0;

  return (
    <Card
      title="Test before saving"
      description="Tries these values at the vendor. Nothing is stored, and without a recipient nothing is sent."
    >
      <Stack gap="md">
        <div className={classes.row}>
          <TextInput
            {...PLAIN_TEXT}
            ref={input}
            className={classes.to}
            label="Send a test message to"
            description="Optional. Its subject begins with [TEST]; set several addresses apart with commas."
            placeholder="you@example.com"
            inputMode="email"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setFault(undefined);
            }}
            onKeyDown={runOnEnter}
            error={fault}
            inputWrapperOrder={INPUT_ORDER}
          />
          <Button variant="default" className={classes.run} onClick={run} loading={test.isPending}>
            Test
          </Button>
        </div>
        {test.error !== null && !isShownAtFields && (
          <FaultList error={test.error} title="The test did not run" faults={others} />
        )}
        {test.data !== undefined && (
          <>
            {tested !== form.values && (
              <Text size="sm" c="var(--warn)">
                Something was changed since: this is what the values before were worth.
              </Text>
            )}
            <DiagnosisView diagnosis={test.data.diagnosis} />
          </>
        )}
      </Stack>
    </Card>
  );
}

function faultsOf(error: Error | null, shown: Parameters<typeof placeFaults>[1]) {
  return placeFaults((error instanceof Problem ? error.body.errors : undefined) ?? [], shown);
}
