import { MultiSelect, Select } from '@mantine/core';
import { IconAt, IconSearch } from '@tabler/icons-react';
import type { EventFilter } from '../../api/queries.ts';
import { isEmailAddress } from '../../api/validation.ts';
import { PeriodFilter } from '../../ui/period-filter.tsx';
import { EVENT_KINDS } from './event-words.ts';
import classes from './events.module.css';
import { TextFilter } from '../../ui/text-filter.tsx';

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
  const { kind, recipient, domain } = filter;
  const kinds = kind?.split(',') ?? [];
  return (
    <search className={classes.toolbar}>
      <div className={classes.tools}>
        <TextFilter
          className={classes.recipient}
          aria-label="Recipient"
          placeholder="Search by recipient (exact address)"
          inputMode="email"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={recipient}
          isComplete={isEmailAddress}
          onFilter={(value) => onFilter({ ...filter, recipient: value })}
        />
        <TextFilter
          className={classes.domain}
          aria-label="Recipient domain"
          placeholder="Recipient domain"
          inputMode="url"
          leftSection={<IconAt size={16} aria-hidden />}
          value={domain}
          isComplete={isDomain}
          onFilter={(value) => onFilter({ ...filter, domain: value?.replace(/^@/, '') })}
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
      </div>
      <div className={classes.tools}>
        <Select
          className={classes.order}
          aria-label="Order"
          data={ORDERS}
          value={filter.order ?? 'desc'}
          allowDeselect={false}
          onChange={(value) => onFilter({ ...filter, order: value === 'asc' ? value : undefined })}
        />
        <PeriodFilter label="Time received" period={filter} onFilter={(period) => onFilter({ ...filter, ...period })} />
      </div>
    </search>
  );
}

function isDomain(text: string): boolean {
  return isEmailAddress(`x@${text.replace(/^@/, '')}`);
}
