import { Button, Group, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBan, IconDownload, IconFilterOff, IconLock, IconMail, IconPlus, IconUpload } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { suppressionsQuery } from '../api/suppression-queries.ts';
import type { SuppressionSearch } from '../app/search.ts';
import { useMayManageAll, useMaySendAll } from '../session/session.ts';
import { Failure } from '../ui/failure.tsx';
import { EmptyState, PageHeader, useTitle } from '../ui/page.tsx';
import { Announcement } from '../ui/status.tsx';
import { LoadMore } from '../ui/table/load-more.tsx';
import { TextFilter } from '../ui/text-filter.tsx';
import { AddSuppressionDialog } from './add-suppression-dialog.tsx';
import { ImportSuppressionsDialog } from './import-suppressions-dialog.tsx';
import { focusRow, SuppressionTable, SuppressionTableSkeleton } from './suppression-table.tsx';
import { isSuppressionReason, SUPPRESSION_REASONS } from './suppression-words.ts';
import classes from './suppressions.module.css';

const route = getRouteApi('/app/suppressions');
const EXPORT_URL = '/api/v1/suppressions/export';

/** The addresses that the organization does not send to. */
export function SuppressionsPage() {
  useTitle('Suppressions');
  return useMaySendAll() ? <Suppressions /> : <NoAccess />;
}

function Suppressions() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(suppressionsQuery(filter));
  const show = (search: SuppressionSearch) => void navigate({ search, replace: true, resetScroll: false });
  const suppressions = list.data?.pages.flatMap((page) => page.data);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Stack gap="md">
      <PageHeader
        title="Suppressions"
        description="Messages are not sent to these addresses. Bounces, complaints and unsubscriptions add them."
        actions={<Actions />}
      />
      <Toolbar filter={filter} onFilter={show} />
      {list.error !== null && (
        <Failure
          error={list.error}
          title={suppressions === undefined ? 'Could not load the suppressions' : 'The list may be out of date'}
          onRetry={() => void (list.isFetchNextPageError ? list.fetchNextPage() : list.refetch())}
        />
      )}
      {suppressions === undefined ? (
        list.error === null && <SuppressionTableSkeleton />
      ) : suppressions.length > 0 ? (
        <>
          <SuppressionTable suppressions={suppressions} isStale={list.isPlaceholderData} />
          <LoadMore
            list={list}
            focusRow={focusRow}
            total={suppressions.length === 1 ? '1 address' : `${String(suppressions.length)} addresses`}
          />
        </>
      ) : isFiltered ? (
        <NoMatch onClear={() => show({})} />
      ) : (
        <EmptyState icon={<IconBan size={22} />} title="No suppressed addresses">
          Addresses appear here after a hard bounce, five soft bounces in a row, a spam complaint or an unsubscription.
        </EmptyState>
      )}
    </Stack>
  );
}

function Actions() {
  const mayManage = useMayManageAll();
  const [isAdding, adding] = useDisclosure(false);
  const [isImporting, importing] = useDisclosure(false);
  return (
    <Group gap="xs">
      {mayManage && (
        <>
          <Button
            component="a"
            href={EXPORT_URL}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Export
          </Button>
          <Button variant="default" leftSection={<IconUpload size={16} aria-hidden />} onClick={importing.open}>
            Import
          </Button>
        </>
      )}
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
        Add address
      </Button>
      <AddSuppressionDialog opened={isAdding} onClose={adding.close} />
      <ImportSuppressionsDialog opened={isImporting} onClose={importing.close} />
    </Group>
  );
}

interface ToolbarProps {
  readonly filter: SuppressionSearch;
  readonly onFilter: (filter: SuppressionSearch) => void;
}

const REASONS = Object.entries(SUPPRESSION_REASONS).map(([value, label]) => ({ value, label }));

function Toolbar({ filter, onFilter }: ToolbarProps) {
  const { address: _address, ...withoutAddress } = filter;
  const { reason: _reason, ...withoutReason } = filter;
  return (
    <search className={classes.toolbar}>
      <TextFilter
        className={classes.address}
        aria-label="Address (exact)"
        placeholder="Search by address (exact)"
        leftSection={<IconMail size={16} aria-hidden />}
        value={filter.address}
        isComplete={(text) => /^\S+@\S+\.\S+$/.test(text)}
        onFilter={(value) => onFilter(value === undefined ? withoutAddress : { ...filter, address: value })}
      />
      <Select
        className={classes.reason}
        aria-label="Reason"
        placeholder="All reasons"
        clearable
        clearButtonProps={{ 'aria-label': 'Show all reasons' }}
        data={REASONS}
        value={filter.reason ?? null}
        onChange={(value) => onFilter(isSuppressionReason(value) ? { ...filter, reason: value } : withoutReason)}
      />
    </search>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <>
      <Announcement>No matching addresses</Announcement>
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="No matching addresses"
        action={
          <Button variant="default" onClick={onClear}>
            Clear filters
          </Button>
        }
      >
        The search finds complete addresses, such as ada@example.com.
      </EmptyState>
    </>
  );
}

function NoAccess() {
  return (
    <EmptyState level={1} icon={<IconLock size={22} />} title="You need the Send role to see suppressions">
      You can view connections and events. Ask an admin of your organization which addresses are suppressed.
    </EmptyState>
  );
}
