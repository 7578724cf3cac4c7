import { Select } from '@mantine/core';
import { useState } from 'react';
import { TimeField } from './time-field.tsx';
import classes from './ui.module.css';

const HOUR_MS = 60 * 60_000;
const LAST_HOURS: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 7 * 24 };
const CHOICES = [
  { value: 'any', label: 'Any time' },
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last 24 hours' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'range', label: 'Time range' },
];

/** From one time to another: ISO 8601, UTC. */
interface Period {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface PeriodFilterProps {
  /** What the times are: "Time received". */
  readonly label: string;
  readonly period: Period;
  readonly onFilter: (period: { readonly from: string | undefined; readonly to: string | undefined }) => void;
}

/** Filters by time. A preset fills in the start of the range, so that a link shows the same list later. */
export function PeriodFilter({ label, period: { from, to }, onFilter }: PeriodFilterProps) {
  const [isOpen, setOpen] = useState(false);
  const isRange = isOpen || from !== undefined || to !== undefined;
  const choose = (choice: string | null) => {
    const hours = LAST_HOURS[choice ?? ''];
    setOpen(choice === 'range');
    if (hours !== undefined) {
      onFilter({ from: new Date(Date.now() - hours * HOUR_MS).toISOString(), to: undefined });
    } else if (choice === 'any') {
      onFilter({ from: undefined, to: undefined });
    }
  };
  return (
    <>
      <Select
        className={classes.period}
        aria-label={label}
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
            onChange={(time) => onFilter({ from: time, to })}
          />
          <TimeField className={classes.time} label="To" value={to} onChange={(time) => onFilter({ from, to: time })} />
        </>
      )}
    </>
  );
}
