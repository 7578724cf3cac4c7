import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../api/problem.ts';
import { connectionQuery, senderDefaultsQuery } from '../api/queries.ts';
import { ConnectionSelect } from './connection-select.tsx';
import { SenderFields } from './sender-fields.tsx';
import { type Sender, type SenderConnection, senderConnectionOf, type SenderErrors, withConnection } from './sender.ts';

interface SenderOfConnectionProps {
  readonly value: Sender;
  readonly onChange: (sender: Sender) => void;
  /** Messages by field: those of `faultsOf(value)`, and the service's. */
  readonly errors?: SenderErrors | undefined;
  readonly disabled?: boolean | undefined;
}

/**
 * Selects the connection to send through, and fills in its From email and From name. Both can be changed, and changes stay
 * when another connection is selected. SENDER.md describes it.
 */
export function SenderOfConnection({ value, onChange, errors, disabled }: SenderOfConnectionProps) {
  const [picked, setPicked] = useState<SenderConnection>();
  const { selected, isGone } = useSelected(value.connectionId, picked);
  return (
    <Stack gap="md">
      <ConnectionSelect
        selected={selected}
        onSelect={(next) => {
          setPicked(next);
          onChange(withConnection(value, selected, next));
        }}
        error={isGone ? 'This connection was deleted. Select another one.' : errors?.connectionId}
        disabled={disabled}
      />
      <SenderFields value={value} onChange={onChange} connection={selected} errors={errors} disabled={disabled} />
    </Stack>
  );
}

interface Selected {
  readonly selected: SenderConnection | undefined;
  readonly isGone: boolean;
}

/** The selected connection as it is now; while it loads, as the list returned it. */
function useSelected(id: string | null, picked: SenderConnection | undefined): Selected {
  const read = useQuery({ ...connectionQuery(id ?? ''), enabled: id !== null });
  const first = useQuery(senderDefaultsQuery(''));
  if (id === null) return { selected: undefined, isGone: false };
  if (read.error instanceof Problem && read.error.status === 404) return { selected: undefined, isGone: true };
  const now = read.data === undefined ? undefined : senderConnectionOf(read.data);
  const listed = [picked, ...(first.data?.data ?? [])].find((connection) => connection?.id === id);
  return { selected: now ?? listed, isGone: false };
}
