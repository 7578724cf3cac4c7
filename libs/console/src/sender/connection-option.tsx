import { Text } from '@mantine/core';
import { Status, type Tone } from '../ui/status.tsx';
import { VendorMark } from '../ui/vendor-mark.tsx';
import classes from './connection-option.module.css';
import type { SenderConnection } from './sender.ts';

const STATES: Readonly<Record<SenderConnection['state'], readonly [Tone, string]>> = {
  ok: ['ok', 'Works'],
  failing: ['bad', 'Last test failed'],
  untested: ['neutral', 'Not tested'],
};

export interface ConnectionOptionProps {
  readonly connection: SenderConnection;
  readonly vendorName: string;
}

/** A connection in the list of those that can be picked. */
export function ConnectionOption({ connection, vendorName }: ConnectionOptionProps) {
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
        <Text span size="xs" c={fromEmail === null ? 'var(--warn)' : 'dimmed'} truncate>
          {fromEmail === null ? 'No From address' : from}
        </Text>
      </span>
      <span className={classes.state}>
        <Status tone={tone}>{words}</Status>
      </span>
    </span>
  );
}
