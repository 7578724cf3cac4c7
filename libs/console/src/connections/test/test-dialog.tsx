import { Button, Group, Skeleton, Stack } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { connectionQuery } from '../../api/queries.ts';
import { SenderOfConnection } from '../../sender/sender-of-connection.tsx';
import { NO_SENDER, type Sender } from '../../sender/sender.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { RecipientsInput } from './recipients-input.tsx';
import { TestResult } from './test-result.tsx';
import { useTestForm } from './use-test-form.ts';

interface TestDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** The connection that is selected when the dialog opens; users can select another one. */
  readonly connectionId?: string;
}

/** Tests any connection: choose the connection, a sender and the recipients, then see the result. */
export function TestDialog({ opened, onClose, connectionId }: TestDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Test Connection" size="lg">
      {connectionId === undefined ? (
        <Form start={NO_SENDER} onClose={onClose} />
      ) : (
        <FormOf key={connectionId} id={connectionId} onClose={onClose} />
      )}
    </Dialog>
  );
}

function FormOf({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { data: connection, error, refetch } = useQuery(connectionQuery(id));
  if (connection !== undefined) {
    const { fromEmail, fromName } = connection;
    const start = { connectionId: id, fromEmail: fromEmail ?? '', fromName: fromName ?? '' };
    return <Form start={start} onClose={onClose} />;
  }
  return error === null ? (
    <Skeleton h={310} aria-hidden />
  ) : (
    <Failure error={error} title="Could not load the connection" onRetry={() => void refetch()} />
  );
}

function Form({ start, onClose }: { readonly start: Sender; readonly onClose: () => void }) {
  const form = useTestForm(start);
  return (
    <>
      <form onSubmit={form.submit} noValidate>
        <Stack gap="md">
          <SenderOfConnection value={form.sender} onChange={form.setSender} errors={form.errors} />
          <RecipientsInput recipients={form.recipients} mode={form.mode} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <BusyButton type="submit" isBusy={form.test.isPending} leftSection={<IconSend size={16} aria-hidden />}>
              {form.recipients.isSending ? 'Send Test' : 'Test without sending'}
            </BusyButton>
          </Group>
        </Stack>
      </form>
      <TestResult form={form} />
    </>
  );
}
