import { Code, Stack, Text } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { CopyField } from '../../ui/copy-field.tsx';

export interface AddressCardProps {
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** The URL that the vendor sends events to. */
export function AddressCard({ webhook: { url, address }, vendorName }: AddressCardProps) {
  const mayManage = useMayManage();
  if (url === null) {
    return (
      <Card title="Webhook URL">
        <Stack gap={6}>
          <Text size="sm" fw={560}>
            The webhook URL is not available: the service’s public URL is not configured.
          </Text>
          <Text size="sm" c="dimmed">
            Ask the operator to set the environment variable <Code>PUBLIC_URL</Code> to the service’s address on the
            internet, such as <Code>https://your-domain.com</Code>, and to restart the service.
          </Text>
        </Stack>
      </Card>
    );
  }
  const hasSecret = address !== null && address !== url;
  return (
    <Card title="Webhook URL" description={`${vendorName} sends events to this URL. Each connection has its own.`}>
      <Stack gap="xs">
        <CopyField label="Webhook URL" value={address ?? url} />
        {hasSecret && (
          <Text size="sm" c="dimmed">
            {mayManage
              ? 'It contains a secret. Anyone who knows it can send events to this connection.'
              : 'It contains a secret, which is only shown with full access.'}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
