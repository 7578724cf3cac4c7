import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSend } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';

const TestDialog = lazy(async () => ({ default: (await import('../test/test-dialog.tsx')).TestDialog }));

/** Opens the dialog that tests a connection. The dialog is loaded when it is first opened. */
export function TestButton() {
  const [isOpen, dialog] = useDisclosure(false);
  const [wasOpened, wanted] = useDisclosure(false);
  const open = () => {
    wanted.open();
    dialog.open();
  };
  return (
    <>
      <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={open}>
        Test Connection
      </Button>
      {wasOpened && (
        <Suspense fallback={null}>
          <TestDialog opened={isOpen} onClose={dialog.close} />
        </Suspense>
      )}
    </>
  );
}
