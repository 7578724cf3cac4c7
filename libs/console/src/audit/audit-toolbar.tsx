import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { senderDefaultsQuery } from '../api/queries.ts';
import type { AuditEntry } from '../api/types.ts';
import type { AuditSearch } from '../app/search.ts';
import { PeriodFilter } from '../ui/period-filter.tsx';
import { TextFilter } from '../ui/text-filter.tsx';
import { AUDIT_ACTIONS, isAuditAction } from './audit-words.ts';
import classes from './audit.module.css';

const ACTIONS = Object.entries(AUDIT_ACTIONS).map(([value, label]) => ({ value, label }));
const SEARCH_DELAY_MS = 200;

interface AuditToolbarProps {
  readonly filter: AuditSearch;
  /** The entries of the list, which know the names of connections that were deleted. */
  readonly entries: readonly AuditEntry[];
  readonly onFilter: (filter: AuditSearch) => void;
}

export function AuditToolbar({ filter, entries, onFilter }: AuditToolbarProps) {
  const { action, actor } = filter;
  const { connection: _connection, ...withoutConnection } = filter;
  const { actor: _actor, ...withoutActor } = filter;
  const { action: _action, ...withoutAction } = filter;
  const { from: _from, to: _to, ...withoutTimes } = filter;
  return (
    <search className={classes.toolbar}>
      <ConnectionFilter
        selected={filter.connection}
        entries={entries}
        onFilter={(id) => onFilter(id === null ? withoutConnection : { ...filter, connection: id })}
      />
      <Select
        className={classes.action}
        aria-label="Action"
        placeholder="All actions"
        clearable
        clearButtonProps={{ 'aria-label': 'Show all actions' }}
        data={ACTIONS}
        value={action ?? null}
        onChange={(value) => onFilter(isAuditAction(value) ? { ...filter, action: value } : withoutAction)}
      />
      <TextFilter
        className={classes.actor}
        aria-label="Actor"
        placeholder="Actor, such as user:42"
        leftSection={<IconUser size={16} aria-hidden />}
        value={actor}
        isComplete={isActor}
        onFilter={(value) => onFilter(value === undefined ? withoutActor : { ...filter, actor: value })}
      />
      <PeriodFilter
        label="Time of the change"
        period={filter}
        onFilter={({ from, to }) => onFilter({ ...withoutTimes, ...(from && { from }), ...(to && { to }) })}
      />
    </search>
  );
}

/** Whether this may be a whole actor. */
function isActor(text: string): boolean {
  return /^(?:api-key:[\da-f-]{36}|user:.+|purge)$/.test(text);
}

interface ConnectionFilterProps {
  /** The id of the connection. */
  readonly selected: string | undefined;
  readonly entries: readonly AuditEntry[];
  readonly onFilter: (id: string | null) => void;
}

/** The service searches, so that there can be any number of connections. */
function ConnectionFilter({ selected, entries, onFilter }: ConnectionFilterProps) {
  const [typed, setTyped] = useState('');
  const name = entries.find(({ subject }) => subject === selected)?.connectionName;
  const [search] = useDebouncedValue(typed === name ? '' : typed.trim(), SEARCH_DELAY_MS);
  const found = useQuery(senderDefaultsQuery(search)).data?.data ?? [];
  const listed = found.map(({ id, name: label }) => ({ value: id, label }));
  const isElsewhere = selected !== undefined && !found.some(({ id }) => id === selected);
  return (
    <Select
      className={classes.connection}
      aria-label="Connection"
      placeholder="All connections"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Show all connections' }}
      data={isElsewhere ? [...listed, { value: selected, label: name ?? `…${selected.slice(-4)}` }] : listed}
      value={selected ?? null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={onFilter}
      // The service has searched already.
      filter={({ options }) => options}
      nothingFoundMessage="No matching connections."
    />
  );
}
