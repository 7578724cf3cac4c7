import { Group, Stack } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import type { Connection } from '../../api/types.ts';
import { SenderFields } from '../../sender/sender-fields.tsx';
import { BusyButton } from '../../ui/busy-button.tsx';
import { Card } from '../../ui/card.tsx';
import { RecipientsInput } from './recipients-input.tsx';
import { TestResult } from './test-result.tsx';
import { useTestForm } from './use-test-form.ts';

/** The test of one connection, optionally with another sender. */
export function TestCard({ connection }: { readonly connection: Connection }) {
  const { id, fromEmail, fromName } = connection;
  const form = useTestForm({ connectionId: id, fromEmail: fromEmail ?? '', fromName: fromName ?? '' });
  return (
    <Card
      title="Test this connection"
      description="Sends a real message and shows which step fails. Test messages are not counted in statistics."
    >
      <form onSubmit={form.submit} noValidate>
        <Stack gap="md">
          <RecipientsInput
            value={form.to}
            onChange={form.setTo}
            typed={form.typed}
            onType={form.setTyped}
            error={form.errors.to}
          />
          <SenderFields value={form.sender} onChange={form.setSender} connection={connection} errors={form.errors} />
          <Group>
            <BusyButton type="submit" isBusy={form.test.isPending} leftSection={<IconSend size={16} aria-hidden />}>
              {form.sends ? 'Send Test' : 'Test without sending'}
            </BusyButton>
          </Group>
        </Stack>
      </form>
      <TestResult form={form} />
    </Card>
  );
}
