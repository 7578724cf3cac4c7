import { Tooltip } from '@mantine/core';
import type { TrackedEvent } from '../../api/types.ts';
import { ATTRIBUTIONS } from './event-words.ts';
import classes from './attribution-mark.module.css';

/** Who sent the message of an event, in a word; a tooltip explains it, and the event's details do too. */
export function AttributionMark({ attribution }: Pick<TrackedEvent, 'attribution'>) {
  const { label, meaning } = ATTRIBUTIONS[attribution];
  return (
    <Tooltip label={meaning} multiline w={260}>
      <span className={classes.mark} data-attribution={attribution}>
        {label}
      </span>
    </Tooltip>
  );
}
