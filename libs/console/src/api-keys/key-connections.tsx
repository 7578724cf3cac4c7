import { MultiSelect, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { senderDefaultsQuery } from '../api/queries.ts';
import { Failure } from '../ui/failure.tsx';

const SEARCH_DELAY_MS = 200;
const MAX_CONNECTIONS = 100;

export interface KeyConnectionsProps {
  readonly value: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
  readonly error?: string | undefined;
}

/** Selects the connections that a key is restricted to; none means all of them. The service searches. */
export function KeyConnections({ value, onChange, error }: KeyConnectionsProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), SEARCH_DELAY_MS);
  const found = useQuery(senderDefaultsQuery(search));
  /** Names of the selected connections, which the current search may not return. */
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const listed = (found.data?.data ?? []).map(({ id, name }) => [id, name] as const);
  const known = new Map([...names, ...listed]);
  return (
    <>
      <MultiSelect
        label="Connections"
        description="The key can use only these. Leave empty to allow all connections."
        placeholder={value.length === 0 ? 'All connections' : undefined}
        data={Array.from(known, ([id, name]) => ({ value: id, label: name }))}
        value={[...value]}
        onChange={(ids) => {
          setNames(new Map(ids.map((id) => [id, known.get(id) ?? id])));
          onChange(ids);
        }}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        // The service has searched already: every result is listed.
        filter={({ options }) =>
          options.filter((option) => 'value' in option && listed.some(([id]) => id === option.value))
        }
        maxValues={MAX_CONNECTIONS}
        error={error}
        errorProps={{ role: 'alert' }}
        nothingFoundMessage={
          <Text size="sm" c="dimmed">
            {found.isFetching ? 'Searching…' : 'No connection found.'}
          </Text>
        }
        autoComplete="off"
      />
      {found.error !== null && (
        <Failure error={found.error} title="Could not load the connections" onRetry={() => void found.refetch()} />
      )}
    </>
  );
}
