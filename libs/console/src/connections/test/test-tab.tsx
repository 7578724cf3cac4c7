import { Group, Skeleton, Stack } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { connectionQuery } from '../../api/queries.ts';
import type { Connection } from '../../api/types.ts';
import { SenderFields } from '../../sender/sender-fields.tsx';
import { useMayManage } from '../../session/session.ts';
import { BusyButton } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { RecipientsInput } from './recipients-input.tsx';
import { TestHistory } from './test-history.tsx';
import { TestResult } from './test-result.tsx';
import { useTestForm } from './use-test-form.ts';

const route = getRouteApi('/app/connections/$id/test');

/** Tests a connection, and shows earlier tests. */
export function TestTab() {
  const { id } = route.useParams();
  const mayManage = useMayManage();
  const { data: connection } = useQuery(connectionQuery(id));
  // The history waits for the form above it; otherwise it would jump down.
  if (mayManage && connection === undefined) {
    return (
      <Card title="Test this connection">
        <Skeleton h={222} aria-hidden />
      </Card>
    );
  }
  return (
    <Stack gap="lg">
      {mayManage && connection !== undefined && <TestCard connection={connection} />}
      <TestHistory id={id} />
    </Stack>
  );
}

/** The test of one connection, optionally with another sender. */
function TestCard({ connection }: { readonly connection: Connection }) {
  const { id, fromEmail, fromName } = connection;
  const form = useTestForm({ connectionId: id, fromEmail: fromEmail ?? '', fromName: fromName ?? '' });
  return (
    <Card
      title="Test this connection"
      description="Sends a real message and shows which step fails. Test messages are not counted in statistics."
    >
      <form onSubmit={form.submit} noValidate>
        <Stack gap="md">
          <RecipientsInput recipients={form.recipients} mode={form.mode} />
          <SenderFields value={form.sender} onChange={form.setSender} connection={connection} errors={form.errors} />
          <Group>
            <BusyButton type="submit" isBusy={form.test.isPending} leftSection={<IconSend size={16} aria-hidden />}>
              {form.recipients.isSending ? 'Send Test' : 'Test without sending'}
            </BusyButton>
          </Group>
        </Stack>
      </form>
      <TestResult form={form} />
    </Card>
  );
}
