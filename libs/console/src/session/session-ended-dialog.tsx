import { Stack, Text } from '@mantine/core';
import type { Session } from '../api/types.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useSessionEnded } from './session-ended.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useGoOn } from './use-go-on.ts';
import { useSession } from './use-session.ts';

/** Signs in again over the page that was open, so that nothing that was typed there is lost. */
export function SessionEndedDialog() {
  const isOpen = useSessionEnded();
  const { organization } = useSession();
  const goOn = useGoOn();
  const onSignedIn = (session: Session) => {
    if (session.organization === organization) goOn.here(session);
    else goOn.anew();
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
        <Text c="dimmed">Sign in again to go on where you were. What you typed is still here.</Text>
        <SignInForm onSignedIn={onSignedIn} />
      </Stack>
    </Dialog>
  );
}
