import { Anchor, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { api, bodyOf } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Logo, useTitle } from '../ui/page.tsx';
import { useSession, useSessionChange, useSessionEnded } from './session.ts';
import classes from './sign-in.module.css';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  useTitle('Sign in');
  const { to } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const enter = (session: Session) => {
    queryClient.setQueryData(sessionQuery.queryKey, session);
    router.history.replace(to ?? '/connections');
  };

  return (
    <main className={classes.page}>
      <Stack className={classes.column} gap="xl">
        <Logo />
        <Paper className={classes.card} withBorder>
          <Stack gap={4} mb="lg">
            <Title order={1}>Sign in</Title>
            <Text c="dimmed">Email connections for your campaigns and journeys.</Text>
          </Stack>
          <SignInForm onSignedIn={enter} />
        </Paper>
      </Stack>
    </main>
  );
}

interface SignInFormProps {
  readonly onSignedIn: (session: Session) => void;
}

/** Opens a session with a token. The token is sent once and not stored. */
function SignInForm({ onSignedIn }: SignInFormProps) {
  const [token, setToken] = useState('');
  const help = useId();
  const errorId = useId();
  const field = useRef<HTMLInputElement>(null);
  // The only field of the page has the focus.
  useEffect(() => field.current?.focus(), []);
  const signIn = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/session', { body: { token } })),
    // The mutation holds the token.
    gcTime: 0,
  });
  const isRejected = signIn.error !== null && isRejection(signIn.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() === '' || signIn.isPending) return;
    signIn.mutate(undefined, {
      onSuccess: (session) => {
        setToken('');
        signIn.reset();
        onSignedIn(session);
      },
      onError: (error) => isRejection(error) && field.current?.focus(),
    });
  };

  return (
    <form onSubmit={submit} noValidate>
      {/* Password managers otherwise ask for a user name. */}
      <input type="text" name="username" autoComplete="username" value="API key" readOnly hidden />
      <Stack gap="md">
        <PasswordInput
          label="API key or token"
          placeholder="sk_…"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={isRejected ? 'This key or token is not valid. It may have been revoked or have expired.' : undefined}
          aria-invalid={isRejected || undefined}
          autoComplete="current-password"
          errorProps={{ id: errorId, role: 'alert' }}
          aria-describedby={isRejected ? `${errorId} ${help}` : help}
          data-autofocus
          ref={field}
          size="md"
        />
        {signIn.error !== null && !isRejected && <Failure error={signIn.error} title="Could not sign in" />}
        <BusyButton type="submit" size="md" isBusy={signIn.isPending} disabled={token.trim() === ''} fullWidth>
          Sign in
        </BusyButton>
        <Text id={help} size="sm" c="dimmed">
          Your first key was printed when the service started. Lost it? Ask an admin for a new one. See the{' '}
          <Anchor href="/api/docs" underline="always" inherit>
            API docs
          </Anchor>
          .
        </Text>
      </Stack>
    </form>
  );
}

/** Whether the service rejected the token itself. */
function isRejection(error: Error): boolean {
  return error instanceof Problem && [401, 422].includes(error.status);
}

/** Signs in again on top of the open page, so that nothing typed there is lost. */
export function SessionEndedDialog() {
  const isOpen = useSessionEnded();
  const { organization } = useSession();
  const change = useSessionChange();
  const onSignedIn = (session: Session) => {
    if (session.organization === organization) change.resume(session);
    else change.restart();
  };

  return (
    <Dialog
      opened={isOpen}
      onClose={() => undefined}
      title="Your session has ended"
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={1000}
    >
      <Stack>
        <Text c="dimmed">Sign in again to continue. What you typed is still here.</Text>
        <SignInForm onSignedIn={onSignedIn} />
      </Stack>
    </Dialog>
  );
}
