import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './failure-box.module.css';

export interface FailureBoxProps {
  /** `alert` makes screen readers announce it. */
  readonly role?: 'alert';
  readonly children: ReactNode;
}

/** The frame of an error. */
export function FailureBox({ role, children }: FailureBoxProps) {
  return (
    <div role={role} className={classes.failure}>
      <IconAlertTriangle size={18} aria-hidden className={classes.icon} />
      <div className={classes.text}>{children}</div>
    </div>
  );
}
