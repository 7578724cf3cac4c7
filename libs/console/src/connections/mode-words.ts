import type { Connection, Session } from '../api/types.ts';

/** What happens to emails. */
export type SendingMode = Session['sendingMode'];

const LABELS: Readonly<Record<SendingMode, string>> = {
  live: 'Live',
  redirect: 'Redirect',
  drop: 'Drop',
};

export const MODES = Object.entries(LABELS).map(([value, label]) => ({ value, label }));

export const MODE_NOTES: Readonly<Record<SendingMode, string>> = {
  live: 'Emails go to their recipients.',
  redirect: 'Every email goes to one address, with the original recipients in its subject and a header.',
  drop: 'Emails are accepted but not sent. Their events are marked as test.',
};

/** Of a mode that suppresses emails: "Redirect". A mode of a later version suppresses them too. */
export function modeInWords(mode: string): string {
  return Object.entries(LABELS).find(([known]) => known === mode)?.[1] ?? 'Unknown mode';
}

/** What happens to the emails of a connection, with the mode of the service. */
export interface EffectiveMode {
  /** `unknown`: the connection has a mode of a later version of the service, and nothing is sent. */
  readonly mode: SendingMode | 'unknown';
  /** Where emails go in the mode `redirect`. */
  readonly redirectTo: string | null;
}

type ModeOfService = Pick<Session, 'sendingMode' | 'sendingRedirectTo'>;
type ModeOfConnection = Pick<Connection, 'mode' | 'redirectTo'>;

/** The stricter mode applies: `drop`, then `redirect`, then `live`. If both redirect, emails go to the address of the service. */
export function effectiveMode(
  { sendingMode, sendingRedirectTo }: ModeOfService,
  { mode, redirectTo }: ModeOfConnection,
): EffectiveMode {
  const known = MODES.find(({ value }) => value === mode)?.value as SendingMode | undefined;
  if (known === undefined) return { mode: 'unknown', redirectTo: null };
  if (known === 'drop' || sendingMode === 'live') return { mode: known, redirectTo };
  return { mode: sendingMode, redirectTo: sendingRedirectTo };
}

/** Where the emails of a test go, if not to its recipients; undefined in the mode `live`. */
export function modeNotice({ mode, redirectTo }: EffectiveMode): string | undefined {
  if (mode === 'live') return undefined;
  if (mode === 'redirect') {
    return `Redirected to ${redirectTo ?? 'one address'}: test messages go there, not to the recipients.`;
  }
  if (mode === 'drop') return 'Dropped: nothing is sent. The test only checks the connection.';
  return 'The mode of this connection is unknown, so nothing is sent. Set the mode again.';
}
