import { Tooltip } from '@mantine/core';
import type { TrackedEvent } from '../../api/types.ts';
import { ATTRIBUTIONS } from './event-words.ts';
import classes from './attribution-mark.module.css';

/** Whose message an event is about, in a word; explained on hover here, and in words where the event is opened. */
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
