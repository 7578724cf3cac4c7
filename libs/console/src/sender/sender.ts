import { isEmailAddress } from '../api/email-address.ts';
import type { Connection, SenderDefaults } from '../api/types.ts';

/** Whom a mail comes from, and the connection that it leaves through. */
export interface Sender {
  readonly connectionId: string | null;
  readonly fromEmail: string;
  readonly fromName: string;
}

export type SenderErrors = Readonly<Partial<Record<keyof Sender, string>>>;

export const NO_SENDER: Sender = { connectionId: null, fromEmail: '', fromName: '' };

/** What a connection says of itself where one is picked. */
export type SenderConnection = Pick<SenderDefaults, 'id' | 'name' | 'vendor' | 'fromEmail' | 'fromName' | 'state'>;

export function senderConnectionOf({ id, name, vendor, fromEmail, fromName, lastTest }: Connection): SenderConnection {
  const state = lastTest === null ? 'untested' : lastTest.ok ? 'ok' : 'failing';
  return { id, name, vendor, fromEmail, fromName, state };
}

/** What is missing in a sender, by field; nothing can be sent while there is anything. */
export function faultsOf({ connectionId, fromEmail }: Sender): SenderErrors {
  return {
    ...(connectionId === null ? { connectionId: 'Pick the connection to send through.' } : {}),
    ...(fromEmail.trim() === ''
      ? { fromEmail: 'Enter the address to send from.' }
      : !isEmailAddress(fromEmail.trim())
        ? { fromEmail: 'Enter a whole address, such as news@example.com.' }
        : {}),
  };
}

/**
 * The sender after another connection was picked: what is empty, or was the default of the connection before, becomes
 * the new one's; what somebody typed stays.
 */
export function withConnection(sender: Sender, before: SenderConnection | undefined, next: SenderConnection): Sender {
  const fill = (field: 'fromEmail' | 'fromName') => {
    const isTyped = sender[field] !== '' && sender[field] !== before?.[field];
    return isTyped ? sender[field] : (next[field] ?? '');
  };
  return { connectionId: next.id, fromEmail: fill('fromEmail'), fromName: fill('fromName') };
}
