import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection, ConnectionTest, ProblemFault } from '../../api/types.ts';
import { faultOfRecipients } from '../../api/validation.ts';
import { faultsOf, type Sender, type SenderErrors } from '../../sender/sender.ts';
import { useSession } from '../../session/session.ts';
import { type EffectiveMode, effectiveMode } from '../mode-words.ts';
import { useRecipients } from './recipients-input.tsx';

interface Test {
  readonly connectionId: string;
  readonly sender: Sender;
  readonly to: readonly string[];
}

/** A test that ran, and what it ran with. */
interface TestOutcome extends ConnectionTest {
  readonly connectionId: string;
  /** Whether it ran with another sender than the connection's own, and is therefore not kept. */
  readonly isOverwritten: boolean;
  readonly mode: EffectiveMode;
}

/** The form of a test: what is typed, what is wrong with it, and what came out of it. */
export function useTestForm(start: Sender) {
  const queryClient = useQueryClient();
  const [sender, setSender] = useState(start);
  const [errors, setErrors] = useState<SenderErrors>({});
  const recipients = useRecipients();
  const session = useSession();
  const { connectionId } = sender;
  const selected = useQuery({ ...connectionQuery(connectionId ?? ''), enabled: connectionId !== null }).data;

  const test = useMutation({
    mutationFn: async (given: Test): Promise<TestOutcome> => {
      const { connectionId } = given;
      const connection = await queryClient.fetchQuery({ ...connectionQuery(connectionId), staleTime: 60_000 });
      const isOverwritten = isOtherSender(given.sender, connection);
      const result = await bodyOf(isOverwritten ? testOverwritten(given) : testStored(given));
      return { ...result, connectionId, isOverwritten, mode: effectiveMode(session, connection) };
    },
    onSuccess: ({ connectionId }) => {
      void queryClient.invalidateQueries({ queryKey: ['connection', connectionId] });
      void queryClient.invalidateQueries({ queryKey: ['connections'] });
      void queryClient.invalidateQueries({ queryKey: ['sender-defaults'] });
    },
    onError: (error) => {
      if (!(error instanceof Problem) || error.body.errors === undefined) return;
      const { to, ...others } = errorsOf(error.body.errors);
      recipients.setError(to);
      setErrors(others);
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (test.isPending) return;
    const to = recipients.take(recipients.typed);
    const wrongRecipients = faultOfRecipients(to);
    const wrong = faultsOfSender(sender, to.length > 0);
    recipients.setError(wrongRecipients);
    setErrors(wrong);
    if (sender.connectionId === null || wrongRecipients !== undefined || Object.keys(wrong).length > 0) {
      test.reset();
      focusFault(event.currentTarget);
    } else {
      test.mutate({ connectionId: sender.connectionId, sender, to });
    }
  };

  return {
    sender,
    setSender: (changed: Sender) => {
      setSender(changed);
      setErrors({});
    },
    recipients,
    /** What happens to the messages of the selected connection. */
    mode: selected === undefined ? undefined : effectiveMode(session, selected),
    errors,
    submit,
    test,
    /** Whether any field has an error. */
    isFaulty: recipients.error !== undefined || Object.values(errors).some((fault) => fault !== undefined),
  };
}

export type TestForm = ReturnType<typeof useTestForm>;

/** A test that only checks the connection needs no sender. */
function faultsOfSender(sender: Sender, isSending: boolean): SenderErrors {
  const { fromEmail, ...others } = faultsOf(sender);
  const isNeeded = isSending || sender.fromEmail.trim() !== '';
  return { ...others, ...(fromEmail !== undefined && isNeeded ? { fromEmail } : {}) };
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

/** The messages of the service by field. */
function errorsOf(faults: readonly ProblemFault[]): Partial<Record<keyof typeof FIELDS, string>> {
  const reported = Object.entries(FIELDS).map(([field, pointer]) => {
    const messages = faults.filter((fault) => pointer.test(fault.pointer)).map(({ message }) => message);
    return [field, messages.length === 0 ? undefined : [...new Set(messages)].join(' ')] as const;
  });
  return Object.fromEntries(reported);
}

/** The errors of the service that belong to no field of the form. */
export function otherFaults(error: Error): readonly ProblemFault[] {
  const faults = error instanceof Problem ? (error.body.errors ?? []) : [];
  return faults.filter((fault) => !Object.values(FIELDS).some((pointer) => pointer.test(fault.pointer)));
}

/** Focuses the first field with an error, once it shows the error. */
function focusFault(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
