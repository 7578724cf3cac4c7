import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { senderDefaultsQuery, vendorsQuery } from '../api/queries.ts';
import { Failure } from '../ui/failure.tsx';
import { VendorMark } from '../ui/vendor-mark.tsx';
import { ambiguityIn } from '../connections/same-name.ts';
import { ConnectionOption } from './connection-option.tsx';
import type { SenderConnection } from './sender.ts';

const SEARCH_DELAY_MS = 200;

export interface ConnectionSelectProps {
  readonly selected: SenderConnection | undefined;
  readonly onSelect: (connection: SenderConnection) => void;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** Selects one of the organization's connections. The service searches, so that there can be any number of them. */
export function ConnectionSelect({ selected, onSelect, error, disabled }: ConnectionSelectProps) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed === selected?.name ? '' : typed.trim(), SEARCH_DELAY_MS);
  const found = useQuery(senderDefaultsQuery(search));
  const vendors = useQuery(vendorsQuery);
  const displayName = (vendor: string) => vendors.data?.find((one) => one.vendor === vendor)?.displayName ?? vendor;

  const connections = found.data?.data ?? [];
  const hasMore = typeof found.data?.nextCursor === 'string';
  const isElsewhere = selected !== undefined && !connections.some(({ id }) => id === selected.id);
  const known: readonly SenderConnection[] = isElsewhere ? [...connections, selected] : connections;
  const isAmbiguous = ambiguityIn(known);
  const byId = new Map(known.map((connection) => [connection.id, connection]));

  return (
    <>
      <Select
        label="Connection"
        description={hasMore ? 'Not all connections are listed. Type to search.' : undefined}
        placeholder="Search by name or sender"
        searchable
        withAsterisk
        allowDeselect={false}
        data={known.map(({ id, name }) => ({ value: id, label: name }))}
        value={selected?.id ?? null}
        searchValue={typed}
        onSearchChange={setTyped}
        onChange={(id) => {
          const connection = id === null ? undefined : byId.get(id);
          if (connection !== undefined) onSelect(connection);
        }}
        // The service has searched already: every result is listed.
        filter={({ options }) =>
          options.filter((option) => 'value' in option && connections.some(({ id }) => id === option.value))
        }
        renderOption={({ option }) => {
          const connection = byId.get(option.value);
          return connection === undefined ? (
            option.label
          ) : (
            <ConnectionOption
              connection={connection}
              vendorName={displayName(connection.vendor)}
              isAmbiguous={isAmbiguous(connection)}
            />
          );
        }}
        leftSection={
          selected === undefined ? undefined : (
            <VendorMark vendor={selected.vendor} displayName={displayName(selected.vendor)} size={22} />
          )
        }
        nothingFoundMessage={
          <Text size="sm" c="dimmed">
            {found.isFetching ? 'Searching…' : search === '' ? 'No connections yet.' : 'No matching connections.'}
          </Text>
        }
        error={error}
        disabled={disabled === true}
        autoComplete="off"
      />
      {found.error !== null && (
        <Failure error={found.error} title="Could not load the connections" onRetry={() => void found.refetch()} />
      )}
    </>
  );
}
