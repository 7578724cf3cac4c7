import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import type { UnsavedTest, UnsavedTestResult, VendorField } from '../../api/types.ts';
import { faultOfRecipients, withTyped } from '../test/recipients.ts';
import { faultsIn, placeFaults } from './place-faults.ts';
import type { FormFaults } from './validate.ts';

export interface TryOptions {
  readonly shown: readonly VendorField[];
  /** The test for these recipients; undefined if the form has errors, which are then shown. */
  readonly prepare: (to: readonly string[]) => UnsavedTest | undefined;
  /** Called when the test is sent. */
  readonly onStart: () => void;
  readonly onFaults: (faults: FormFaults) => void;
}

/** A test of the form's values before they are saved. */
export function useTry({ shown, prepare, onStart, onFaults }: TryOptions) {
  const [to, setTo] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const [recipientsError, setRecipientsError] = useState<string>();
  const [outcome, setOutcome] = useState<UnsavedTestResult>();
  const recipients = useRef<HTMLDivElement>(null);
  const test = useMutation({
    mutationFn: (body: UnsavedTest) => bodyOf(api.POST('/api/v1/connections/test', { body })),
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
    setRecipientsError(message);
    recipients.current?.querySelector('input')?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (test.isPending) return;
    const all = withTyped(to, typed);
    setTo(all);
    setTyped('');
    const wrong = faultOfRecipients(all);
    setRecipientsError(wrong);
    const body = prepare(all);
    if (body === undefined) return;
    if (wrong !== undefined) {
      reject(wrong);
      return;
    }
    onStart();
    setOutcome(undefined);
    test.mutate(body);
  };

  return {
    test,
    outcome,
    submit,
    to,
    setTo: (changed: readonly string[]) => {
      setTo(changed);
      setRecipientsError(undefined);
    },
    typed,
    setTyped,
    recipientsError,
    /** Where the recipients are entered. */
    recipients,
    /** Whether the test sends messages, or only checks the connection. */
    sends: to.length > 0 || typed.trim() !== '',
  };
}

export type Try = ReturnType<typeof useTry>;
