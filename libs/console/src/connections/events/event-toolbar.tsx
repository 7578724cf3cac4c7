import { Select } from '@mantine/core';
import { IconAt, IconSearch } from '@tabler/icons-react';
import type { EventFilter } from '../../api/queries.ts';
import { isEmailAddress } from '../../api/validation.ts';
import { PeriodFilter } from '../../ui/period-filter.tsx';
import classes from './events.module.css';
import { KindFilter } from './kind-filter.tsx';
import { TextFilter } from '../../ui/text-filter.tsx';

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
        <KindFilter kind={kind} onFilter={(value) => onFilter({ ...filter, kind: value })} />
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
