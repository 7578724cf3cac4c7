import { Code, Stack, Text } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { CopyField } from '../../ui/copy-field.tsx';

export interface AddressCardProps {
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** Where the vendor posts. */
export function AddressCard({ webhook: { url, address }, vendorName }: AddressCardProps) {
  const mayManage = useMayManage();
  if (url === null) {
    return (
      <Card title="Address">
        <Stack gap={6}>
          <Text size="sm" fw={560}>
            There is none yet: this service does not know the address under which vendors reach it.
          </Text>
          <Text size="sm" c="dimmed">
            Whoever operates it sets the environment variable <Code>PUBLIC_URL</Code> to its address on the internet,
            such as <Code>https://your-domain.com</Code>, and starts it again. The webhook’s address and its set-up are
            here then.
          </Text>
        </Stack>
      </Card>
    );
  }
  const hasSecret = address !== null && address !== url;
  return (
    <Card title="Address" description={`Where ${vendorName} posts its events. Nobody else has this address.`}>
      <Stack gap="xs">
        <CopyField label="Webhook URL" value={address ?? url} />
        {hasSecret && (
          <Text size="sm" c="dimmed">
            {mayManage
              ? 'It holds a secret: whoever knows it can post events in the vendor’s name.'
              : 'It holds a secret, which is only shown to those who may manage connections.'}
          </Text>
        )}
      </Stack>
    </Card>
  );
}
