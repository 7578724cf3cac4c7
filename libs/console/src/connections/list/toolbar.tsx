import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { vendorsQuery } from '../../api/queries.ts';
import classes from './list.module.css';

const TYPING_MS = 250;

interface ToolbarProps {
  readonly search: string | undefined;
  readonly vendor: string | undefined;
  readonly enabled: boolean | undefined;
}

const STATES = [
  { value: 'true', label: 'Enabled' },
  { value: 'false', label: 'Disabled' },
];

/** Search and filter. They are kept in the address, so that a reload and a link show the same list. */
export function Toolbar({ search, vendor, enabled }: ToolbarProps) {
  const navigate = useNavigate({ from: '/connections' });
  const vendors = useQuery(vendorsQuery).data ?? [];
  const [typed, setTyped] = useState(search ?? '');
  // When the address changes in another way (back, "Clear filters"), the field follows it.
  const [known, setKnown] = useState(search);
  if (known !== search) {
    setKnown(search);
    if (typed.trim() !== (search ?? '')) setTyped(search ?? '');
  }
  const filter = (change: Partial<ToolbarProps>) =>
    void navigate({
      search: {
        ...(search && { search }),
        ...(vendor && { vendor }),
        ...(enabled !== undefined && { enabled }),
        ...change,
      },
      replace: true,
    });
  const filterByText = useDebouncedCallback((text: string) => filter({ search: text.trim() || undefined }), TYPING_MS);

  return (
    <search className={classes.toolbar}>
      <TextInput
        className={classes.search}
        aria-label="Search connections"
        placeholder="Search by name or sender"
        type="search"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          filterByText(event.currentTarget.value);
        }}
      />
      <Select
        className={classes.vendor}
        aria-label="Vendor"
        placeholder="All vendors"
        clearable
        clearButtonProps={{ 'aria-label': 'Clear vendor' }}
        data={vendors.map((one) => ({ value: one.vendor, label: one.displayName }))}
        value={vendor ?? null}
        onChange={(value) => filter({ vendor: value ?? undefined })}
      />
      <Select
        className={classes.state}
        aria-label="State"
        placeholder="Any state"
        clearable
        clearButtonProps={{ 'aria-label': 'Clear state' }}
        data={STATES}
        value={enabled === undefined ? null : String(enabled)}
        onChange={(value) => filter({ enabled: value === null ? undefined : value === 'true' })}
      />
    </search>
  );
}
