import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { connectionsQuery } from '../../api/queries.ts';
import { useMayManage, useMayManageAll } from '../../session/use-session.ts';
import { Failure } from '../../ui/failure.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { ConnectionTable, ConnectionTableSkeleton } from './connection-table.tsx';
import { NoConnections, NoMatch } from './no-connections.tsx';
import { Pager } from './pager.tsx';
import { TestButton } from './test-button.tsx';
import { Toolbar } from './toolbar.tsx';
import { ButtonLink } from '../../ui/links.tsx';

const route = getRouteApi('/app/connections');

export function ListPage() {
  useTitle('SMTP');
  const mayManage = useMayManage();
  const mayAdd = useMayManageAll();
  const { search, vendor, page = 1 } = route.useSearch();
  const isFiltered = search !== undefined || vendor !== undefined;
  const list = useInfiniteQuery(connectionsQuery({ search, vendor }));
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
          mayManage && (
            <>
              {(loaded === 0 || shown.length > 0) && <TestButton />}
              {mayAdd && (
                <ButtonLink to="/connections/new" leftSection={<IconPlus size={16} aria-hidden />}>
                  Add Connection
                </ButtonLink>
              )}
            </>
          )
        }
      />
      {(isFiltered || loaded === 0 || shown.length > 0) && <Toolbar search={search} vendor={vendor} />}
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
