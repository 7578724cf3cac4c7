import type { Diagnosis } from '../../api/types.ts';
import { OutcomeMark } from './outcome.tsx';
import { outcomeInWords } from './outcome-words.ts';
import classes from './stages.module.css';

const LABELS: Readonly<Record<Diagnosis['stages'][number]['stage'], string>> = {
  settings: 'Settings',
  connect: 'Connect',
  tls: 'TLS',
  authenticate: 'Log in',
  sender: 'Sender',
  recipient: 'Recipients',
  message: 'Message',
};

/** The stages of sending a message, in order, and how far the test got. */
export function Stages({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  return (
    <ol className={classes.stages} aria-label="Stages">
      {diagnosis.stages.map(({ stage, status, detail }) => (
        <li key={stage} className={classes.stage}>
          <OutcomeMark status={status} />
          <span className={classes.text}>
            <span className={classes.label}>{LABELS[stage]}</span>
            <span className={classes.outcome}>
              {/* With a reason, it was skipped on purpose, and not because of a failure. */}
              {status === 'skipped' && detail !== undefined ? 'Skipped' : outcomeInWords(status, stage, diagnosis)}
            </span>
            {detail !== undefined && <span className={classes.detail}>{detail}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
