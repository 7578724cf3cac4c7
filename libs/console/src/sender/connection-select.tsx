import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { senderDefaultsQuery, vendorsQuery } from '../api/queries.ts';
import { ambiguityIn, idEnd } from '../connections/connection-summary.tsx';
import { Failure } from '../ui/failure.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { VendorMark } from '../ui/vendor.tsx';
import classes from './sender.module.css';
import type { SenderConnection } from './sender.ts';

const SEARCH_DELAY_MS = 200;

interface ConnectionSelectProps {
  readonly selected: SenderConnection | undefined;
  readonly onSelect: (connection: SenderConnection) => void;
  readonly error?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** "Connection" by default. */
  readonly label?: string;
  /** Which connections can be selected; all by default. */
  readonly isOffered?: (connection: SenderConnection) => boolean;
}

/** Selects one of the organization's connections. The service searches, so that there can be any number of them. */
export function ConnectionSelect(props: ConnectionSelectProps) {
  const { selected, onSelect, error, disabled, label = 'Connection', isOffered = () => true } = props;
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed === selected?.name ? '' : typed.trim(), SEARCH_DELAY_MS);
  const found = useQuery(senderDefaultsQuery(search));
  const vendors = useQuery(vendorsQuery);
  const displayName = (vendor: string) => vendors.data?.find((one) => one.vendor === vendor)?.displayName ?? vendor;

  const connections = found.data?.data.filter(isOffered) ?? [];
  const hasMore = typeof found.data?.nextCursor === 'string';
  const isElsewhere = selected !== undefined && !connections.some(({ id }) => id === selected.id);
  const known: readonly SenderConnection[] = isElsewhere ? [...connections, selected] : connections;
  const isAmbiguous = ambiguityIn(known);
  const byId = new Map(known.map((connection) => [connection.id, connection]));

  return (
    <>
      <Select
        label={label}
        description={
          selected?.enabled === false ? (
            <span className={classes.missing}>This connection is disabled. Campaigns can’t send through it.</span>
          ) : hasMore ? (
            'Not all connections are listed. Type to search.'
          ) : undefined
        }
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

const STATES: Readonly<Record<SenderConnection['state'] | 'disabled', readonly [Tone, string]>> = {
  disabled: ['warn', 'Disabled'],
  ok: ['ok', 'Test passed'],
  failing: ['bad', 'Last test failed'],
  untested: ['neutral', 'Never tested'],
};

interface ConnectionOptionProps {
  readonly connection: SenderConnection;
  readonly vendorName: string;
  /** Whether another option has the same name; the end of the id then tells them apart. */
  readonly isAmbiguous: boolean;
}

/** A connection in the list of options: name, vendor, sender and state. */
function ConnectionOption({ connection, vendorName, isAmbiguous }: ConnectionOptionProps) {
  const { name, vendor, fromEmail, fromName, enabled, state } = connection;
  const [tone, words] = STATES[enabled ? state : 'disabled'];
  const from = fromName === null ? fromEmail : `${fromName} <${fromEmail ?? ''}>`;
  return (
    <span className={classes.option}>
      <VendorMark vendor={vendor} displayName={vendorName} size={28} />
      <span className={classes.text}>
        <Text span size="sm" fw={540} truncate>
          {name}
        </Text>
        <Text span size="xs" c="dimmed" truncate>
          {vendorName}
          {isAmbiguous && ` · ID ${idEnd(connection)}`}
          {' · '}
          {fromEmail === null ? <span className={classes.missing}>No sender</span> : from}
        </Text>
      </span>
      <span className={classes.state}>
        <Status tone={tone}>{words}</Status>
      </span>
    </span>
  );
}
