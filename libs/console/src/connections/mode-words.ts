import type { Session } from '../api/types.ts';

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
