import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconKey, IconLock, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { apiKeysQuery } from '../api/queries.ts';
import type { ApiKey } from '../api/types.ts';
import { useMayManageAll } from '../session/session.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import classes from './api-keys.module.css';
import { CreateKeyDialog, SCOPES } from './create-key-dialog.tsx';

export function ApiKeysPage() {
  useTitle('API keys');
  return useMayManageAll() ? <ApiKeys /> : <NoAccess />;
}

function ApiKeys() {
  const [isOpen, dialog] = useDisclosure(false);
  const { data: keys, error, refetch } = useQuery(apiKeysQuery);
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={dialog.open}>
      Create API key
    </Button>
  );
  return (
    <>
      <PageHeader
        title="API keys"
        description="For programs that call the API, and for people who sign in here."
        actions={keys?.length !== 0 && add}
      />
      {keys !== undefined ? (
        keys.length > 0 ? (
          <ApiKeyList keys={keys} />
        ) : (
          <EmptyState icon={<IconKey size={22} />} title="No API keys yet" action={add}>
            A key is shown only once, when you create it. Give each program its own key with the least access it needs.
          </EmptyState>
        )
      ) : error === null ? (
        <ApiKeyListSkeleton />
      ) : (
        <Failure error={error} title="Could not load the API keys" onRetry={() => void refetch()} />
      )}
      <CreateKeyDialog opened={isOpen} onClose={dialog.close} />
    </>
  );
}

function NoAccess() {
  return (
    <EmptyState level={1} icon={<IconLock size={22} />} title="You need full access to manage API keys">
      You can view connections and events. Ask an admin of your organization to create or revoke API keys.
    </EmptyState>
  );
}

/** A key is highlighted this long before it expires. */
const EXPIRES_SOON_MS = 14 * 24 * 60 * 60_000;

function ApiKeyList({ keys }: { readonly keys: readonly ApiKey[] }) {
  const [revoked, setRevoked] = useState<ApiKey | undefined>();
  return (
    <>
      <ul className={classes.list} aria-label="API keys">
        {keys.map((key) => (
          <li key={key.id} className={classes.item}>
            <div className={classes.names}>
              <Text fw={560}>{key.name}</Text>
              <Text size="sm" c="dimmed">
                Ends in <code>{key.hint}</code> · created <RelativeTime at={key.createdAt} />
                {key.connectionIds !== null && ` · only ${countOf(key.connectionIds)}`}
              </Text>
            </div>
            <dl className={classes.times}>
              <div>
                <dt>Last used</dt>
                <dd>{key.lastUsedAt === null ? 'Never' : <RelativeTime at={key.lastUsedAt} />}</dd>
              </div>
              <div>
                <dt>Expires</dt>
                <dd>{key.expiresAt === null ? 'Never' : <Expiry at={key.expiresAt} />}</dd>
              </div>
            </dl>
            <div className={classes.scope}>
              <Status tone={key.scope === 'manage' ? 'accent' : 'neutral'}>{SCOPES[key.scope].label}</Status>
            </div>
            <Button variant="default" size="xs" onClick={() => setRevoked(key)} aria-label={`Revoke ${key.name}`}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <RevokeKeyDialog apiKey={revoked} onClose={() => setRevoked(undefined)} />
    </>
  );
}

function Expiry({ at }: { readonly at: string }) {
  const [now] = useState(() => Date.now());
  const remainingMs = new Date(at).getTime() - now;
  if (remainingMs <= 0) return <Status tone="bad">Expired</Status>;
  return (
    <span data-soon={remainingMs < EXPIRES_SOON_MS || undefined}>
      <RelativeTime at={at} />
    </span>
  );
}

function countOf({ length }: readonly string[]): string {
  return length === 1 ? '1 connection' : `${String(length)} connections`;
}

function ApiKeyListSkeleton() {
  return (
    <div className={classes.list} aria-busy="true">
      {['first', 'second', 'third'].map((row) => (
        <div key={row} className={classes.item}>
          <div className={classes.names}>
            <Skeleton w="40%" h={13} my={5} />
            <Skeleton w="60%" h={11} my={5} />
          </div>
          <Skeleton w={70} h={26} />
        </div>
      ))}
    </div>
  );
}

interface RevokeKeyDialogProps {
  /** The key to revoke; undefined while the dialog is closed. */
  readonly apiKey: ApiKey | undefined;
  readonly onClose: () => void;
}

function RevokeKeyDialog({ apiKey, onClose }: RevokeKeyDialogProps) {
  // The text stays while the dialog fades out.
  const [shown, setShown] = useState(apiKey);
  if (apiKey !== undefined && apiKey !== shown) setShown(apiKey);
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }),
    onSuccess: () => {
      void queryClient.invalidateQueries(apiKeysQuery);
      notifications.show({ message: `${shown?.name ?? 'API key'} revoked` });
      onClose();
    },
  });
  return (
    <Dialog
      opened={apiKey !== undefined}
      onClose={onClose}
      onExitTransitionEnd={() => revoke.reset()}
      title={`Revoke ${shown?.name ?? ''}?`}
    >
      <Stack>
        <Text>
          Programs that use the key ending in <code>{shown?.hint}</code> lose access immediately, and people who signed
          in with it are signed out. This can’t be undone.
        </Text>
        {revoke.error !== null && <Failure error={revoke.error} title="Could not revoke the API key" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <BusyButton
            color="danger"
            isBusy={revoke.isPending}
            onClick={() => shown !== undefined && revoke.mutate(shown.id)}
          >
            Revoke
          </BusyButton>
        </Group>
      </Stack>
    </Dialog>
  );
}
