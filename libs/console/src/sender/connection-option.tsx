import { Text } from '@mantine/core';
import { idEnd } from '../connections/same-name.ts';
import { Status, type Tone } from '../ui/status.tsx';
import { VendorMark } from '../ui/vendor-mark.tsx';
import classes from './connection-option.module.css';
import type { SenderConnection } from './sender.ts';

const STATES: Readonly<Record<SenderConnection['state'], readonly [Tone, string]>> = {
  ok: ['ok', 'Test passed'],
  failing: ['bad', 'Last test failed'],
  untested: ['neutral', 'Never tested'],
};

export interface ConnectionOptionProps {
  readonly connection: SenderConnection;
  readonly vendorName: string;
  /** Whether another option has the same name; the end of the id then tells them apart. */
  readonly isAmbiguous: boolean;
}

/** A connection in the list of options: name, vendor, sender and state. */
export function ConnectionOption({ connection, vendorName, isAmbiguous }: ConnectionOptionProps) {
  const { name, vendor, fromEmail, fromName, state } = connection;
  const [tone, words] = STATES[state];
  const from = fromName === null ? fromEmail : `${fromName} <${fromEmail ?? ''}>`;
  return (
    <span className={classes.option}>
      <VendorMark vendor={vendor} displayName={vendorName} size={28} />
      <span className={classes.text}>
        <Text span size="sm" fw={540} truncate>
          {name}
        </Text>
        <Text span size="xs" c="dimmed" truncate>
          {vendorName}
          {isAmbiguous && ` · ID ${idEnd(connection)}`}
          {' · '}
          {fromEmail === null ? <span className={classes.missing}>No sender</span> : from}
        </Text>
      </span>
      <span className={classes.state}>
        <Status tone={tone}>{words}</Status>
      </span>
    </span>
  );
}
