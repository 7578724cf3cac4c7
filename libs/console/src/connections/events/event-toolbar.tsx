import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import { isEmailAddress } from '../../api/validation.ts';
import { EventPeriod } from './event-period.tsx';
import { EVENT_KINDS } from './event-words.ts';
import classes from './events.module.css';

const TYPING_MS = 400;
const KINDS = Object.entries(EVENT_KINDS).map(([value, { label }]) => ({ value, label }));
const ORDERS = [
  { value: 'desc', label: 'Newest first' },
  { value: 'asc', label: 'Oldest first' },
];

interface EventToolbarProps {
  readonly filter: EventFilter;
  readonly onFilter: (filter: EventFilter) => void;
}

export function EventToolbar({ filter, onFilter }: EventToolbarProps) {
  const { kind, recipient } = filter;
  const kinds = kind?.split(',') ?? [];
  const [typed, setTyped] = useState(recipient ?? '');
  // When the URL changes otherwise (back, "Clear filters"), the field follows it.
  const [known, setKnown] = useState(recipient);
  if (known !== recipient) {
    setKnown(recipient);
    if (typed.trim() !== (recipient ?? '')) setTyped(recipient ?? '');
  }
  const filterBy = (text: string) => {
    const wanted = text.trim();
    if (wanted !== (recipient ?? '')) onFilter({ ...filter, recipient: wanted === '' ? undefined : wanted });
  };
  const filterLater = useDebouncedCallback((text: string) => {
    // The service compares whole addresses: do not search for half of one while it is typed.
    if (text.trim() === '' || isEmailAddress(text.trim())) filterBy(text);
  }, TYPING_MS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    filterLater.cancel();
    filterBy(typed);
  };

  return (
    <search>
      <form className={classes.toolbar} onSubmit={submit}>
        <TextInput
          className={classes.recipient}
          aria-label="Recipient"
          placeholder="Search by recipient (exact address)"
          type="search"
          inputMode="email"
          autoComplete="off"
          spellCheck={false}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            filterLater(event.currentTarget.value);
          }}
        />
        <MultiSelect
          className={classes.kind}
          aria-label="Event types"
          placeholder={kinds.length === 0 ? 'All events' : undefined}
          clearable
          clearButtonProps={{ 'aria-label': 'Show all events' }}
          data={KINDS}
          value={kinds}
          onChange={(values) => onFilter({ ...filter, kind: values.length === 0 ? undefined : values.join(',') })}
        />
        <Select
          className={classes.order}
          aria-label="Order"
          data={ORDERS}
          value={filter.order ?? 'desc'}
          allowDeselect={false}
          onChange={(value) => onFilter({ ...filter, order: value === 'asc' ? value : undefined })}
        />
        <EventPeriod filter={filter} onFilter={onFilter} />
      </form>
    </search>
  );
}
