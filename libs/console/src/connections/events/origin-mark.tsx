import { Tooltip } from '@mantine/core';
import type { TrackedEvent } from '../../api/types.ts';
import { ORIGINS } from './event-words.ts';
import classes from './origin-mark.module.css';

/** Whose message an event is about, in a word; explained on hover here, and in words where the event is opened. */
export function OriginMark({ origin }: Pick<TrackedEvent, 'origin'>) {
  const { label, meaning } = ORIGINS[origin];
  return (
    <Tooltip label={meaning} multiline w={260}>
      <span className={classes.mark} data-origin={origin}>
        {label}
      </span>
    </Tooltip>
  );
}
