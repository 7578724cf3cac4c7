import type { ProblemFault } from '../../api/types.ts';
import { Failure } from '../../ui/failure.tsx';
import classes from './fault-list.module.css';

export interface FaultListProps {
  readonly error: Error;
  readonly title: string;
  /** Those that belong to no field of the page. */
  readonly faults: readonly ProblemFault[];
  readonly onRetry?: (() => void) | undefined;
}

/** A failure with what the service found that stands at no field. */
export function FaultList({ error, title, faults, onRetry }: FaultListProps) {
  return (
    <Failure error={error} title={title} onRetry={onRetry}>
      {faults.length > 0 && (
        <ul className={classes.list}>
          {faults.map(({ pointer, code, message }) => (
            <li key={`${pointer} ${code}`}>{message}</li>
          ))}
        </ul>
      )}
    </Failure>
  );
}
