import { Anchor, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import type { Session } from '../api/types.ts';
import { BusyButton } from '../ui/busy-button.tsx';
import { Failure } from '../ui/failure.tsx';

export interface SignInFormProps {
  readonly onSignedIn: (session: Session) => void;
}

/** Opens a session with a token, which goes to the service once and is kept nowhere. */
export function SignInForm({ onSignedIn }: SignInFormProps) {
  const [token, setToken] = useState('');
  const help = useId();
  const fault = useId();
  const field = useRef<HTMLInputElement>(null);
  // There is nothing else to do here.
  useEffect(() => field.current?.focus(), []);
  const signIn = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/session', { body: { token } })),
    // It holds the token.
    gcTime: 0,
  });
  const isRefused = signIn.error !== null && isRefusal(signIn.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() === '' || signIn.isPending) return;
    signIn.mutate(undefined, {
      onSuccess: (session) => {
        setToken('');
        signIn.reset();
        onSignedIn(session);
      },
      onError: (error) => isRefusal(error) && field.current?.focus(),
    });
  };

  return (
    <form onSubmit={submit} noValidate>
      {/* Keeps password managers from asking whose password it is. */}
      <input type="text" name="username" autoComplete="username" value="API key" readOnly hidden />
      <Stack gap="md">
        <PasswordInput
          label="API key or token"
          placeholder="sk_…"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={isRefused ? 'This token is not valid. It may have been revoked, or have expired.' : undefined}
          aria-invalid={isRefused || undefined}
          autoComplete="current-password"
          errorProps={{ id: fault, role: 'alert' }}
          aria-describedby={isRefused ? `${fault} ${help}` : help}
          data-autofocus
          ref={field}
          size="md"
        />
        {signIn.error !== null && !isRefused && <Failure error={signIn.error} title="You are not signed in" />}
        <BusyButton type="submit" size="md" isBusy={signIn.isPending} disabled={token.trim() === ''} fullWidth>
          Sign in
        </BusyButton>
        <Text id={help} size="sm" c="dimmed">
          The service shows a first key when it is started for the first time; whoever manages your organization can
          make more. How the API takes them is told in{' '}
          <Anchor href="/api/docs" underline="always" inherit>
            its description
          </Anchor>
          .
        </Text>
      </Stack>
    </form>
  );
}

/** Whether it is the token that is not right. */
function isRefusal(error: Error): boolean {
  return error instanceof Problem && [401, 422].includes(error.status);
}
