import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import type { CheckStatus } from '../../api/types.ts';
import classes from './outcome.module.css';

const ICONS = { passed: IconCheck, failed: IconX, skipped: IconMinus } as const;

/** The icon of a check: a different shape for each outcome, not only a color. The text is beside it. */
export function OutcomeMark({ status }: { readonly status: CheckStatus }) {
  const Icon = ICONS[status];
  return (
    <span className={classes.mark} data-status={status} aria-hidden>
      <Icon size={14} stroke={2.4} />
    </span>
  );
}
