import { MultiSelect } from '@mantine/core';
import { EVENT_KINDS, FEED_KINDS } from './event-words.ts';
import classes from './events.module.css';

const optionsOf = (kinds: Readonly<Record<string, { readonly label: string }>>) =>
  Object.entries(kinds).map(([value, { label }]) => ({ value, label }));
const EMAIL_OPTIONS = optionsOf(EVENT_KINDS);
const FEED_OPTIONS = optionsOf(FEED_KINDS);

interface KindFilterProps {
  /** Kinds of events, separated by commas; undefined for all. */
  readonly kind: string | undefined;
  /** Whether there are events that are not about an email. */
  readonly isFeed?: boolean;
  readonly onFilter: (kind: string | undefined) => void;
}

/** Selects the kinds of events to show. */
export function KindFilter({ kind, isFeed = false, onFilter }: KindFilterProps) {
  const kinds = kind?.split(',') ?? [];
  return (
    <MultiSelect
      className={classes.kind}
      aria-label="Event types"
      placeholder={kinds.length === 0 ? 'All events' : undefined}
      clearable
      clearButtonProps={{ 'aria-label': 'Show all events' }}
      data={isFeed ? FEED_OPTIONS : EMAIL_OPTIONS}
      value={kinds}
      onChange={(values) => onFilter(values.length === 0 ? undefined : values.join(','))}
    />
  );
}
