import { Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { sessionEnded, useSessionEnded } from './session-ended.ts';
import { SignInForm } from './sign-in-form.tsx';
import { useSession } from './use-session.ts';

/** Signs in again over the page that was open, so that nothing that was typed there is lost. */
export function SessionEndedDialog() {
  const isOpen = useSessionEnded();
  const { organisation } = useSession();
  const queryClient = useQueryClient();
  const goOn = (session: Session) => {
    sessionEnded.set(false);
    if (session.organisation !== organisation) {
      // What is on the page belongs to the organisation before.
      location.assign('/connections');
      return;
    }
    queryClient.setQueryData(sessionQuery.queryKey, session);
    void queryClient.invalidateQueries();
  };

  return (
    <Modal
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
        <SignInForm onSignedIn={goOn} />
      </Stack>
    </Modal>
  );
}
