import { MultiSelect, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { senderDefaultsQuery } from '../api/queries.ts';
import { Failure } from '../ui/failure.tsx';

const SEARCH_DELAY_MS = 200;
const NO_NAMES: ReadonlyMap<string, string> = new Map();

interface ConnectionsSelectProps {
  /** The ids of the selected connections. */
  readonly value: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
  /** Says what none of them means. */
  readonly description: string;
  /** Shown while none is selected. */
  readonly placeholder: string;
  /** How many can be selected. */
  readonly max: number;
  /** The names of those that are selected at first, by id. */
  readonly initialNames?: ReadonlyMap<string, string>;
  readonly error?: string | undefined;
}

/** Selects any of the organization's connections. The service searches, so that there can be any number of them. */
export function ConnectionsSelect(props: ConnectionsSelectProps) {
  const { value, onChange, description, placeholder, max, initialNames = NO_NAMES, error } = props;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), SEARCH_DELAY_MS);
  const found = useQuery(senderDefaultsQuery(search));
  /** Names of the selected connections, which the current search may not return. */
  const [names, setNames] = useState(initialNames);
  const listed = (found.data?.data ?? []).map(({ id, name }) => [id, name] as const);
  const known = new Map([...names, ...listed]);
  return (
    <>
      <MultiSelect
        label="Connections"
        description={description}
        placeholder={value.length === 0 ? placeholder : undefined}
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
        maxValues={max}
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
