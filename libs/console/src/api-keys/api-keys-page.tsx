import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconLock, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { apiKeysQuery } from '../api/queries.ts';
import { useMayManageAll } from '../session/use-session.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { Failure } from '../ui/failure.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ApiKeyList, ApiKeyListSkeleton } from './api-key-list.tsx';
import { CreateKeyDialog } from './create-key-dialog.tsx';

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
