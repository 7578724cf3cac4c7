import type { Delivery, DeliveryStatus, ReprocessingJob, Webhook } from '../../api/types.ts';
import type { Tone } from '../../ui/status.tsx';

interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly meaning: string;
}

/** The states of a webhook request. Anyone can send unauthenticated ones, so these have no color. */
export const DELIVERY_STATUSES: Readonly<Record<DeliveryStatus, Look>> = {
  accepted: { label: 'Accepted', tone: 'ok', meaning: 'Its events are stored.' },
  rejected: { label: 'Rejected', tone: 'bad', meaning: 'It was authenticated, but its body could not be read.' },
  unauthenticated: {
    label: 'Unauthenticated',
    tone: 'neutral',
    meaning: 'It failed authentication, so it may come from anyone. Its events are not stored.',
  },
};

const PARTLY_ACCEPTED: Look = {
  label: 'Partly accepted',
  tone: 'warn',
  meaning: 'Some of its items could not be read. Its other events are stored.',
};

export function isDeliveryStatus(value: unknown): value is DeliveryStatus {
  return typeof value === 'string' && Object.hasOwn(DELIVERY_STATUSES, value);
}

export function lookOf({ status, rejected }: Delivery): Look {
  return status === 'accepted' && rejected > 0 ? PARTLY_ACCEPTED : DELIVERY_STATUSES[status];
}

type UnauthenticatedReason = NonNullable<Webhook['unauthenticatedReason']>;

/** Why a request failed authentication. */
export const UNAUTHENTICATED_REASONS: Readonly<Record<UnauthenticatedReason, string>> = {
  missing: 'It had no signature or login.',
  invalid: 'Its signature or login does not match the key that is stored here.',
  malformed: 'Its signature or login could not be read.',
  not_configured: 'The connection had no key to verify it with.',
};

/** What became of a request in one line: the numbers of its events, or why there are none. */
export function resultOf(delivery: Delivery): string {
  const { status, accepted, duplicates, rejected } = delivery;
  if (status !== 'accepted') return reasonOf(delivery);
  const counts = [
    accepted > 0 && counted(accepted, 'new event'),
    duplicates > 0 && `${number.format(duplicates)} already known`,
    rejected > 0 && `${number.format(rejected)} unreadable`,
  ].filter((part) => part !== false);
  return counts.length === 0 ? 'No events' : counts.join(' · ');
}

/** Why a request was not accepted. */
export function reasonOf({ reason, status }: Delivery): string {
  const known: Readonly<Record<string, string>> = UNAUTHENTICATED_REASONS;
  if (status === 'unauthenticated') return known[reason ?? ''] ?? DELIVERY_STATUSES[status].meaning;
  return reason ?? DELIVERY_STATUSES[status].meaning;
}

/** Whether processing a request again can store something. An unauthenticated one must be stored as a whole. */
export function canReprocess(delivery: Delivery & { readonly truncated?: boolean }): boolean {
  const { status, rejected, hasBody, truncated } = delivery;
  if (!hasBody) return false;
  return status === 'unauthenticated' ? truncated === false : status === 'rejected' || rejected > 0;
}

const JOB_STATES: Readonly<Record<ReprocessingJob['state'], Omit<Look, 'meaning'>>> = {
  pending: { label: 'Waiting', tone: 'neutral' },
  running: { label: 'Running', tone: 'accent' },
  completed: { label: 'Completed', tone: 'ok' },
  canceled: { label: 'Canceled', tone: 'warn' },
};

export function lookOfJob({ state }: ReprocessingJob): Omit<Look, 'meaning'> {
  return JOB_STATES[state];
}

/** What a job has done so far: `2 of 3 requests processed: 1 accepted, 1 rejected again. 5 new events.` */
export function progressOf({ total, processed, accepted, failed, events }: ReprocessingJob): string {
  const skipped = processed - accepted - failed;
  const results = [
    accepted > 0 && `${number.format(accepted)} accepted`,
    failed > 0 && `${number.format(failed)} rejected again`,
    skipped > 0 && `${number.format(skipped)} skipped`,
  ].filter((part) => part !== false);
  const requests =
    total === null ? counted(processed, 'request') : `${number.format(processed)} of ${counted(total, 'request')}`;
  const end = results.length === 0 ? '' : `: ${results.join(', ')}`;
  return `${requests} processed${end}. ${counted(events, 'new event')}.`;
}

const number = new Intl.NumberFormat('en');
const size = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** `1 event`, `1,240 events`. */
export function counted(count: number, noun: string): string {
  return `${number.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const UNITS = ['B', 'kB', 'MB'];

/** `312 B`, `1.2 kB`, `4 MB`. */
export function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${size.format(bytes / 1_000 ** power)} ${UNITS[power] ?? ''}`;
}
