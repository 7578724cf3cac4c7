import type { Connection, SenderDefaults } from '../api/types.ts';
import { faultOfAddress } from '../api/validation.ts';

/** The sender of a message, and the connection to send it through. */
export interface Sender {
  readonly connectionId: string | null;
  readonly fromEmail: string;
  readonly fromName: string;
}

export type SenderErrors = Readonly<Partial<Record<keyof Sender, string>>>;

export const NO_SENDER: Sender = { connectionId: null, fromEmail: '', fromName: '' };

/** What the list of options shows of a connection. */
export type SenderConnection = Pick<
  SenderDefaults,
  'id' | 'name' | 'vendor' | 'fromEmail' | 'fromName' | 'senders' | 'enabled' | 'state'
>;

export function senderConnectionOf({
  id,
  name,
  vendor,
  fromEmail,
  fromName,
  senders,
  enabled,
  lastTest,
}: Connection): SenderConnection {
  const state = lastTest === null ? 'untested' : lastTest.ok ? 'ok' : 'failing';
  return { id, name, vendor, fromEmail, fromName, senders, enabled, state };
}

/** Validation messages by field; empty if the sender is complete. */
export function faultsOf({ connectionId, fromEmail }: Sender): SenderErrors {
  const address = fromEmail.trim();
  const wrongAddress = address === '' ? 'Enter the address to send from.' : faultOfAddress(address);
  return {
    ...(connectionId === null ? { connectionId: 'Select a connection to send through.' } : {}),
    ...(wrongAddress === undefined ? {} : { fromEmail: wrongAddress }),
  };
}

/**
 * The sender after another connection was selected. Fields that are empty or hold the default of the connection before get the
 * new default; what the user typed stays.
 */
export function withConnection(sender: Sender, before: SenderConnection | undefined, next: SenderConnection): Sender {
  const fill = (field: 'fromEmail' | 'fromName') => {
    const isTyped = sender[field] !== '' && sender[field] !== before?.[field];
    return isTyped ? sender[field] : (next[field] ?? '');
  };
  return { connectionId: next.id, fromEmail: fill('fromEmail'), fromName: fill('fromName') };
}

/** The sender of the connection with this address. */
export function senderAt(connection: Pick<SenderConnection, 'senders'> | undefined, email: string) {
  const address = email.trim().toLowerCase();
  return connection?.senders.find((sender) => sender.email.toLowerCase() === address);
}
