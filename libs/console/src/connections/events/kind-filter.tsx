import { MultiSelect } from '@mantine/core';
import { EVENT_KINDS } from './event-words.ts';
import classes from './events.module.css';

const KINDS = Object.entries(EVENT_KINDS).map(([value, { label }]) => ({ value, label }));

interface KindFilterProps {
  /** Kinds of events, separated by commas; undefined for all. */
  readonly kind: string | undefined;
  readonly onFilter: (kind: string | undefined) => void;
}

/** Selects the kinds of events to show. */
export function KindFilter({ kind, onFilter }: KindFilterProps) {
  const kinds = kind?.split(',') ?? [];
  return (
    <MultiSelect
      className={classes.kind}
      aria-label="Event types"
      placeholder={kinds.length === 0 ? 'All events' : undefined}
      clearable
      clearButtonProps={{ 'aria-label': 'Show all events' }}
      data={KINDS}
      value={kinds}
      onChange={(values) => onFilter(values.length === 0 ? undefined : values.join(','))}
    />
  );
}
