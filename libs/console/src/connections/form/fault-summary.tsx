import { Text, UnstyledButton } from '@mantine/core';
import classes from './fault-summary.module.css';
import type { Place } from './place-faults.ts';

export interface FaultSummaryProps {
  readonly faults: readonly Place[];
  readonly onGoTo: (path: string) => void;
}

/** How many fields are not right and which, with the way to each; announced as soon as it is there. */
export function FaultSummary({ faults, onGoTo }: FaultSummaryProps) {
  return (
    <div role="alert">
      {faults.length > 0 && (
        <div className={classes.summary}>
          <Text size="sm" fw={600}>
            {faults.length === 1
              ? 'One field needs your attention'
              : `${String(faults.length)} fields need your attention`}
          </Text>
          <ul className={classes.list}>
            {faults.map(({ path, label }) => (
              <li key={path}>
                <UnstyledButton className={classes.link} onClick={() => onGoTo(path)}>
                  {label}
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
