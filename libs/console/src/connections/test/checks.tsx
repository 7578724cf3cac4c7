import type { Diagnosis } from '../../api/types.ts';
import classes from './checks.module.css';
import { OutcomeMark } from './outcome.tsx';
import { outcomeInWords } from './outcome-words.ts';

const CHECKS = [
  { check: 'connectivity', label: 'Connectivity', stage: 'connect' },
  { check: 'authentication', label: 'Authentication', stage: 'authenticate' },
  { check: 'sendPermission', label: 'Send permission', stage: 'message' },
  { check: 'fromAddress', label: 'From address', stage: 'sender' },
] as const;

/** The four questions that a test answers. */
export function Checks({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  return (
    <div className={classes.frame}>
      <ul className={classes.checks} aria-label="Checks">
        {CHECKS.map(({ check, label, stage }) => {
          const status = diagnosis.checks[check];
          return (
            <li key={check} className={classes.check}>
              <OutcomeMark status={status} />
              <span>
                <span className={classes.label}>{label}</span>
                <span className={classes.outcome}>{outcomeInWords(status, stage, diagnosis)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
