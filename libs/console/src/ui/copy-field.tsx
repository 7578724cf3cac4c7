import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copy-field.module.css';
import { CopyOutcome } from './copy-outcome.tsx';
import { useCopy } from './use-copy.ts';

export interface CopyFieldProps {
  /** What it is, for who cannot see it: "Webhook URL". */
  readonly label: string;
  readonly value: string;
}

/** A value to take along: shown whole, selected with one click, copied with another. */
export function CopyField({ label, value }: CopyFieldProps) {
  const { copy, isCopied, isRefused, place } = useCopy<HTMLElement>(value);
  return (
    <div>
      <div className={classes.field} role="group" aria-label={label}>
        <code ref={place} className={classes.value}>
          {value}
        </code>
        <Tooltip label={isCopied ? 'Copied' : 'Copy'}>
          <ActionIcon onClick={copy} aria-label={`Copy: ${label}`} color={isCopied ? 'teal' : 'gray'} size="lg">
            {isCopied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </div>
      <CopyOutcome isCopied={isCopied} isRefused={isRefused} />
    </div>
  );
}
