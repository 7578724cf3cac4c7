import { Tooltip } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import classes from './ui.module.css';

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const REFRESH_MS = 30_000;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });
const short = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

interface TimeProps {
  /** ISO 8601. */
  readonly at: string;
}

/** The time relative to now; a tooltip has the exact time in the user's time zone. */
export function RelativeTime({ at }: TimeProps) {
  const [now, setNow] = useState(() => Date.now());
  useInterval(() => setNow(Date.now()), REFRESH_MS, { autoInvoke: true });
  return (
    <Tooltip label={absolute.format(new Date(at))}>
      <time dateTime={at}>{ago(new Date(at).getTime() - now)}</time>
    </Tooltip>
  );
}

/** The exact time in the user's time zone. */
export function ExactTime({ at }: TimeProps) {
  return (
    <time dateTime={at} title={absolute.format(new Date(at))}>
      {short.format(new Date(at))}
    </time>
  );
}

/** The relative and the exact time, for places where a tooltip is out of reach without a pointer. */
export function Moment({ at }: TimeProps) {
  return (
    <>
      <RelativeTime at={at} />
      <span className={classes.exact}>
        {' · '}
        <ExactTime at={at} />
      </span>
    </>
  );
}

function ago(differenceMs: number): string {
  const seconds = differenceMs / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'just now';
}
