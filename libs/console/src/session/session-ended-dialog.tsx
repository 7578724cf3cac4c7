import { Stack, Text } from '@mantine/core';
import type { Session } from '../api/types.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useSessionEnded } from './session-ended.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useSessionChange } from './use-session-change.ts';
import { useSession } from './use-session.ts';

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
