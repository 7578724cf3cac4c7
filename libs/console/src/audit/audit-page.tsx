import { Button, Stack } from '@mantine/core';
import { IconFilterOff, IconHistory, IconLock } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { auditQuery } from '../api/audit-queries.ts';
import { apiKeysQuery } from '../api/queries.ts';
import type { AuditSearch } from '../app/search.ts';
import { useMayManageAll } from '../session/session.ts';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { Announcement } from '../ui/status.tsx';
import { LoadMore } from '../ui/table/load-more.tsx';
import { AuditTable, AuditTableSkeleton, focusRow } from './audit-table.tsx';
import { AuditToolbar } from './audit-toolbar.tsx';

const route = getRouteApi('/app/audit');

/** Who changed what, and when. */
export function AuditPage() {
  useTitle('Audit');
  return useMayManageAll() ? <Audit /> : <NoAccess />;
}

function Audit() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(auditQuery(filter));
  // Without their names, keys are shown by the end of their ids.
  const keys = useQuery(apiKeysQuery).data ?? [];
  const show = (search: AuditSearch) => void navigate({ search, replace: true, resetScroll: false });
  const entries = list.data?.pages.flatMap((page) => page.data);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Stack gap="md">
      <PageHeader
        title="Audit"
        description="Who changed what, newest first. Entries have the names of changed fields, not their values."
      />
      <AuditToolbar filter={filter} entries={entries ?? []} onFilter={show} />
      {list.error !== null && (
        <Failure
          error={list.error}
          title={entries === undefined ? 'Could not load the audit' : 'The list may be out of date'}
          onRetry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())}
        />
      )}
      {entries === undefined ? (
        list.error === null && <AuditTableSkeleton />
      ) : entries.length > 0 ? (
        <>
          <AuditTable filter={filter} entries={entries} keys={keys} isStale={list.isPlaceholderData} />
          <LoadMore
            list={list}
            focusRow={focusRow}
            total={entries.length === 1 ? '1 entry' : `${String(entries.length)} entries`}
          />
        </>
      ) : isFiltered ? (
        <NoMatch onClear={() => show({})} />
      ) : (
        <EmptyState icon={<IconHistory size={22} />} title="No entries yet">
          Changes to connections, API keys and webhooks appear here.
        </EmptyState>
      )}
    </Stack>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No matching entries</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No matching entries"
        action={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        Actors are compared exactly, such as user:42.
      </EmptyState>
    </>
  );
}

function NoAccess() {
  return (
    <EmptyState level={1} icon={<IconLock size={22} />} title="You need full access to read the audit">
      You can view connections and events. Ask an admin of your organization who changed a connection.
    </EmptyState>
  );
}
