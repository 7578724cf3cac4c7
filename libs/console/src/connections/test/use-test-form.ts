import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection, ConnectionTest, ProblemFault } from '../../api/types.ts';
import { faultsOf, type Sender, type SenderErrors } from '../../sender/sender.ts';
import { faultOfRecipients, withTyped } from './recipients.ts';

interface TestErrors extends SenderErrors {
  readonly to?: string | undefined;
}

interface Test {
  readonly connectionId: string;
  readonly sender: Sender;
  readonly to: readonly string[];
}

/** A test that ran, and what it ran with. */
export interface TestOutcome extends ConnectionTest {
  readonly connectionId: string;
  /** Whether it ran with another sender than the connection's own, and is therefore not kept. */
  readonly isOverwritten: boolean;
}

/** The form of a test: what is typed, what is wrong with it, and what came out of it. */
export function useTestForm(start: Sender) {
  const queryClient = useQueryClient();
  const [sender, setSender] = useState(start);
  const [to, setTo] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState('');
  const [errors, setErrors] = useState<TestErrors>({});

  const test = useMutation({
    mutationFn: async (given: Test): Promise<TestOutcome> => {
      const { connectionId } = given;
      const connection = await queryClient.fetchQuery({ ...connectionQuery(connectionId), staleTime: 60_000 });
      const isOverwritten = isOtherSender(given.sender, connection);
      const result = await bodyOf(isOverwritten ? testOverwritten(given) : testStored(given));
      return { ...result, connectionId, isOverwritten };
    },
    onSuccess: ({ connectionId }) => {
      void queryClient.invalidateQueries({ queryKey: ['connection', connectionId] });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
    },
    onError: (error) => {
      if (error instanceof Problem && error.body.errors !== undefined) setErrors(errorsOf(error.body.errors));
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (test.isPending) return;
    const recipients = withTyped(to, typed);
    setTo(recipients);
    setTyped('');
    const wrong = faultsOfTest(sender, recipients);
    setErrors(wrong);
    if (sender.connectionId === null || Object.keys(wrong).length > 0) {
      test.reset();
      focusFault(event.currentTarget);
    } else {
      test.mutate({ connectionId: sender.connectionId, sender, to: recipients });
    }
  };

  return {
    sender,
    setSender: (changed: Sender) => {
      setSender(changed);
      setErrors({ to: errors.to });
    },
    to,
    setTo: (recipients: readonly string[]) => {
      setTo(recipients);
      setErrors({ ...errors, to: undefined });
    },
    typed,
    setTyped,
    errors,
    submit,
    test,
    /** Whether a message goes out, or only the connection is checked. */
    sends: to.length > 0 || typed.trim() !== '',
  };
}

export type TestForm = ReturnType<typeof useTestForm>;

function faultsOfTest(sender: Sender, to: readonly string[]): TestErrors {
  const { fromEmail, ...others } = faultsOf(sender);
  const fault = faultOfRecipients(to);
  // What only checks the connection needs no sender.
  const isNeeded = to.length > 0 || sender.fromEmail.trim() !== '';
  return {
    ...others,
    ...(fromEmail !== undefined && isNeeded ? { fromEmail } : {}),
    ...(fault === undefined ? {} : { to: fault }),
  };
}

function isOtherSender({ fromEmail, fromName }: Sender, connection: Connection): boolean {
  return fromEmail.trim() !== (connection.fromEmail ?? '') || fromName.trim() !== (connection.fromName ?? '');
}

function testStored({ connectionId: id, to }: Test) {
  return api.POST('/api/v1/connections/{id}/test', { params: { path: { id } }, body: { to: [...to] } });
}

function testOverwritten({ connectionId, sender, to }: Test) {
  const fromEmail = sender.fromEmail.trim();
  const fromName = sender.fromName.trim();
  return api.POST('/api/v1/connections/test', {
    body: {
      connectionId,
      fromEmail: fromEmail === '' ? null : fromEmail,
      fromName: fromName === '' ? null : fromName,
      to: [...to],
    },
  });
}

const FIELDS = { to: /^\/to(\/|$)/, fromEmail: /^\/fromEmail$/, fromName: /^\/fromName$/ } as const;

/** What the service found, by field. */
function errorsOf(faults: readonly ProblemFault[]): TestErrors {
  const told = Object.entries(FIELDS).map(([field, pointer]) => {
    const messages = faults.filter((fault) => pointer.test(fault.pointer)).map(({ message }) => message);
    return [field, messages.length === 0 ? undefined : [...new Set(messages)].join(' ')] as const;
  });
  return Object.fromEntries(told);
}

/** What the service found that no field of the form is about. */
export function otherFaults(error: Error): readonly ProblemFault[] {
  const faults = error instanceof Problem ? (error.body.errors ?? []) : [];
  return faults.filter((fault) => !Object.values(FIELDS).some((pointer) => pointer.test(fault.pointer)));
}

/** Focuses the first field with an error, once it shows the error. */
function focusFault(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
