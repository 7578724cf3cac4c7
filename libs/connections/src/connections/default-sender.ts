import type { Mailbox } from '@score-crm/adapter-kit';

interface SenderDetails {
  readonly fromEmail?: string | null | undefined;
  readonly fromName?: string | null | undefined;
}

/** The sender of a connection's messages that name none; undefined where it has no address. */
export function defaultSender({ fromEmail, fromName }: SenderDetails): Mailbox | undefined {
  if (fromEmail === null || fromEmail === undefined) return undefined;
  return fromName === null || fromName === undefined ? { email: fromEmail } : { email: fromEmail, name: fromName };
}
