import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlugConnected, IconPlus, IconRocket, IconSearch, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { connectionsQuery } from '../../api/queries.ts';
import { useMayManage, useMayManageAll, useMaySend } from '../../session/session.ts';
import { ButtonLink } from '../../ui/buttons.tsx';
import { Failure } from '../../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../../ui/page.tsx';
import { Announcement } from '../../ui/status.tsx';
import tableClasses from '../../ui/table/data-table.module.css';
import { ConnectionTable, ConnectionTableSkeleton } from './connection-table.tsx';
import { Pager } from './pager.tsx';
import { Toolbar } from './toolbar.tsx';

const route = getRouteApi('/app/connections');

export function ListPage() {
  useTitle('SMTP');
  const mayManage = useMayManage();
  const mayAdd = useMayManageAll();
  const maySend = useMaySend();
  const { search, vendor, enabled, page = 1 } = route.useSearch();
  const isFiltered = search !== undefined || vendor !== undefined || enabled !== undefined;
  const list = useInfiniteQuery(connectionsQuery({ search, vendor, enabled }));
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = list;
  const loaded = data?.pages.length ?? 0;
  const shown = data?.pages[Math.min(page, loaded) - 1]?.data ?? [];

  // The cursor of a page comes with the page before it: an address with page 3 loads the first two pages too.
  const isMissing = loaded > 0 && loaded < page && hasNextPage;
  useEffect(() => {
    if (isMissing && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [isMissing, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  // The page before stays visible while the next one loads; at first there is none.
  const [isReached, setReached] = useState(false);
  if (loaded > 0 && !isMissing && !isReached) setReached(true);

  return (
    <>
      <PageHeader
        title="SMTP"
        description="The email accounts your campaigns and journeys send from."
        actions={
          maySend && (
            <>
              {(loaded === 0 || shown.length > 0) && (
                <>
                  <LaunchButton />
                  {mayManage && <TestButton />}
                </>
              )}
              {mayAdd && (
                <ButtonLink to="/connections/new" leftSection={<IconPlus size={16} aria-hidden />}>
                  Add Connection
                </ButtonLink>
              )}
            </>
          )
        }
      />
      {(isFiltered || loaded === 0 || shown.length > 0) && (
        <Toolbar search={search} vendor={vendor} enabled={enabled} />
      )}
      {list.error !== null && (
        <Failure
          error={list.error}
          title={loaded === 0 ? 'Could not load the connections' : 'Could not refresh the list'}
          onRetry={() => void (isFetchNextPageError ? fetchNextPage() : list.refetch())}
        />
      )}
      {list.isPending || (isMissing && !isReached && list.error === null) ? (
        <ConnectionTableSkeleton />
      ) : (
        loaded > 0 &&
        (shown.length > 0 ? (
          <>
            <ConnectionTable connections={shown} isStale={list.isPlaceholderData || isFetchingNextPage} />
            <Pager page={Math.min(page, loaded)} hasNext={page < loaded || hasNextPage} />
          </>
        ) : isFiltered ? (
          <NoMatch />
        ) : (
          <NoConnections mayManage={mayAdd} />
        ))
      )}
    </>
  );
}

const LaunchDialog = lazy(async () => ({ default: (await import('../launch/launch-dialog.tsx')).LaunchDialog }));
const TestDialog = lazy(async () => ({ default: (await import('../test/test-dialog.tsx')).TestDialog }));

/** Opens the dialog that checks whether a campaign can be launched. */
function LaunchButton() {
  return (
    <DialogButton label="Launch check" icon={<IconRocket size={16} aria-hidden />}>
      {(isOpen, close) => <LaunchDialog opened={isOpen} onClose={close} />}
    </DialogButton>
  );
}

/** Opens the dialog that tests a connection. */
function TestButton() {
  return (
    <DialogButton label="Test Connection" icon={<IconSend size={16} aria-hidden />}>
      {(isOpen, close) => <TestDialog opened={isOpen} onClose={close} />}
    </DialogButton>
  );
}

interface DialogButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly children: (isOpen: boolean, close: () => void) => ReactNode;
}

/** Opens a dialog, which is loaded when it is first opened. */
function DialogButton({ label, icon, children }: DialogButtonProps) {
  const [isOpen, dialog] = useDisclosure(false);
  const [wasOpened, wanted] = useDisclosure(false);
  const open = () => {
    wanted.open();
    dialog.open();
  };
  return (
    <>
      <Button variant="default" leftSection={icon} onClick={open}>
        {label}
      </Button>
      {wasOpened && <Suspense fallback={null}>{children(isOpen, dialog.close)}</Suspense>}
    </>
  );
}

function NoConnections({ mayManage }: { readonly mayManage: boolean }) {
  return (
    <div className={tableClasses.frame}>
      <EmptyState
        icon={<IconPlugConnected size={22} />}
        title="Connect your first email vendor"
        action={mayManage && <ButtonLink to="/connections/new">Add Connection</ButtonLink>}
      >
        {mayManage
          ? 'Campaigns and journeys send through a connection. Add one, send yourself a test, and you are ready to launch.'
          : 'Campaigns and journeys send through a connection. Ask an admin of your organization to add the first one.'}
      </EmptyState>
    </div>
  );
}

function NoMatch() {
  return (
    <div className={tableClasses.frame}>
      <Announcement>No results</Announcement>
      <EmptyState
        icon={<IconSearch size={22} />}
        title="No matching connections"
        action={
          <ButtonLink to="/connections" search={{}} variant="default">
            Clear filters
          </ButtonLink>
        }
      >
        The search covers names and senders. Try a shorter search, or other filters.
      </EmptyState>
    </div>
  );
}
