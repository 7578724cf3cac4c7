import { Select } from '@mantine/core';
import { useState } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import { TimeField } from '../../ui/time-field.tsx';
import classes from './events.module.css';

const HOUR_MS = 60 * 60_000;
const LAST_HOURS: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 7 * 24 };
const CHOICES = [
  { value: 'any', label: 'Any time' },
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last 24 hours' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'range', label: 'Time range' },
];

interface EventPeriodProps {
  readonly filter: EventFilter;
  readonly onFilter: (filter: EventFilter) => void;
}

/** Filters by the time of receipt. A preset fills in the start of the range, so that a link shows the same events later. */
export function EventPeriod({ filter, onFilter }: EventPeriodProps) {
  const { from, to } = filter;
  const [isOpen, setOpen] = useState(false);
  const isRange = isOpen || from !== undefined || to !== undefined;
  const choose = (choice: string | null) => {
    const hours = LAST_HOURS[choice ?? ''];
    setOpen(choice === 'range');
    if (hours !== undefined) {
      onFilter({ ...filter, from: new Date(Date.now() - hours * HOUR_MS).toISOString(), to: undefined });
    } else if (choice === 'any') {
      onFilter({ ...filter, from: undefined, to: undefined });
    }
  };
  return (
    <>
      <Select
        className={classes.order}
        aria-label="Time received"
        data={CHOICES}
        value={isRange ? 'range' : 'any'}
        allowDeselect={false}
        onChange={choose}
      />
      {isRange && (
        <>
          <TimeField
            className={classes.time}
            label="From"
            value={from}
            onChange={(time) => onFilter({ ...filter, from: time })}
          />
          <TimeField
            className={classes.time}
            label="To"
            value={to}
            onChange={(time) => onFilter({ ...filter, to: time })}
          />
        </>
      )}
    </>
  );
}
