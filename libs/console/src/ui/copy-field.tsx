import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './copy-field.module.css';

export interface CopyFieldProps {
  /** What it is, for who cannot see it: "Webhook URL". */
  readonly label: string;
  readonly value: string;
}

/** A value to take along: shown whole, selected with one click, copied with another. */
export function CopyField({ label, value }: CopyFieldProps) {
  return (
    <div className={classes.field} role="group" aria-label={label}>
      <code className={classes.value}>{value}</code>
      <CopyButton value={value} timeout={2_000}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon onClick={copy} aria-label={`Copy: ${label}`} color={copied ? 'teal' : 'gray'} size="lg">
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
