import { ActionIcon, Group, Text, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { useSession } from '../session/session.ts';
import { Failure } from '../ui/failure.tsx';
import classes from './shell.module.css';

const ACCESS = { read: 'Read-only', send: 'Can send', manage: 'Full access' } as const;

/** The organization, the user's access, the switch between light and dark, and signing out. */
export function Account() {
  const { organization, scope } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/api/v1/session').catch(ignoreEndedSession),
    // A full page load, so that nothing of this session stays in memory.
    onSuccess: () => location.assign('/sign-in'),
  });
  const leave = () => signOut.isPending || signOut.mutate();

  return (
    <>
      {signOut.error !== null && (
        <div className={classes.signOutFailure}>
          <Failure error={signOut.error} title="Could not sign out" onRetry={leave} />
        </div>
      )}
      <div className={classes.account}>
        <div className={classes.who}>
          <Text size="sm" fw={560} truncate title={organization}>
            {organization}
          </Text>
          <Text size="xs" c="dimmed">
            {ACCESS[scope]}
          </Text>
        </div>
        <Group gap={2} wrap="nowrap">
          <Tooltip label={`Switch to ${other} mode`}>
            <ActionIcon
              size="lg"
              color="gray"
              aria-label={`Switch to ${other} mode`}
              onClick={() => setColorScheme(other)}
            >
              {scheme === 'dark' ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Sign out">
            <ActionIcon size="lg" color="gray" aria-label="Sign out" onClick={leave}>
              <IconLogout size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Group>
      </div>
    </>
  );
}

/** A session that has ended already counts as signed out. */
function ignoreEndedSession(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 401) throw error;
}
