import { Paper, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { Logo } from '../shell/logo.tsx';
import { useTitle } from '../ui/use-title.ts';
import { SignInForm } from './sign-in-form.tsx';
import classes from './sign-in-page.module.css';

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
