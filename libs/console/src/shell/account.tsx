import { ActionIcon, Group, Text, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { api } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { useSession } from '../session/use-session.ts';
import { Failure } from '../ui/failure.tsx';
import classes from './account.module.css';

const MAY = { read: 'May look', send: 'May send', manage: 'May manage' } as const;

/** Whose connections these are, what you may do, light or dark, and the way out. */
export function Account() {
  const { organization, scope } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = scheme === 'dark' ? 'light' : 'dark';
  const signOut = useMutation({
    mutationFn: () => api.DELETE('/api/v1/session').catch(unlessOver),
    // Loaded anew, so that nothing of this session stays in memory.
    onSuccess: () => location.assign('/sign-in'),
  });
  const leave = () => signOut.isPending || signOut.mutate();

  return (
    <>
      {signOut.error !== null && (
        <div className={classes.failure}>
          <Failure error={signOut.error} title="You are still signed in" onRetry={leave} />
        </div>
      )}
      <div className={classes.account}>
        <div className={classes.who}>
          <Text size="sm" fw={560} truncate title={organization}>
            {organization}
          </Text>
          <Text size="xs" c="dimmed">
            {MAY[scope]}
          </Text>
        </div>
        <Group gap={2} wrap="nowrap">
          <Tooltip label={`Use the ${other} appearance`}>
            <ActionIcon
              size="lg"
              color="gray"
              aria-label={`Use the ${other} appearance`}
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

/** A session that has ended meanwhile needs no end. */
function unlessOver(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 401) throw error;
}
