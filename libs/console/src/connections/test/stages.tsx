import type { Diagnosis } from '../../api/types.ts';
import { OutcomeMark } from './outcome.tsx';
import { outcomeInWords } from './outcome-words.ts';
import classes from './stages.module.css';

const LABELS: Readonly<Record<Diagnosis['stages'][number]['stage'], string>> = {
  settings: 'Settings',
  connect: 'Connect',
  tls: 'Encrypt',
  authenticate: 'Log in',
  sender: 'Sender',
  recipient: 'Recipients',
  message: 'Message',
};

/** What a message passes on its way, in order, and how far the test came. */
export function Stages({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  return (
    <ol className={classes.stages} aria-label="Stages">
      {diagnosis.stages.map(({ stage, status, detail }) => (
        <li key={stage} className={classes.stage}>
          <OutcomeMark status={status} />
          <span className={classes.text}>
            <span className={classes.label}>{LABELS[stage]}</span>
            <span className={classes.outcome}>
              {/* Where the reason is told, it was left out on purpose. */}
              {status === 'skipped' && detail !== undefined ? 'Left out' : outcomeInWords(status, stage, diagnosis)}
            </span>
            {detail !== undefined && <span className={classes.detail}>{detail}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
