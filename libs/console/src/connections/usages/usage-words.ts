import type { BlockingUsage, Connection, Usage } from '../../api/types.ts';
import type { Tone } from '../../ui/status.tsx';

interface Look {
  readonly label: string;
  readonly tone: Tone;
}

/** Label and color of a campaign's or journey's status. */
export const USAGE_STATUSES: Readonly<Record<Usage['status'], Look>> = {
  draft: { label: 'Draft', tone: 'neutral' },
  scheduled: { label: 'Scheduled', tone: 'accent' },
  running: { label: 'Running', tone: 'ok' },
  paused: { label: 'Paused', tone: 'warn' },
  completed: { label: 'Completed', tone: 'neutral' },
  canceled: { label: 'Canceled', tone: 'neutral' },
  failed: { label: 'Failed', tone: 'bad' },
  stopped: { label: 'Stopped', tone: 'neutral' },
};

export const USAGE_CONSUMERS: Readonly<Record<Usage['consumer'], string>> = {
  campaign: 'Campaign',
  journey: 'Journey',
};

/** How many campaigns and journeys use a connection: "1 active", "2 of 3 active". */
export function usageCount({ active, total }: Connection['usages']): string {
  if (total === 0) return 'Not in use';
  if (active === 0) return `${String(total)} inactive`;
  return active === total ? `${String(total)} active` : `${String(active)} of ${String(total)} active`;
}

/** Those that need a connection: "2 campaigns and 1 journey". */
export function blockingInWords(usages: readonly BlockingUsage[]): string {
  const counted = (['campaign', 'journey'] as const).flatMap((consumer) => {
    const count = usages.filter((usage) => usage.consumer === consumer).length;
    return count === 0 ? [] : [`${String(count)} ${consumer}${count === 1 ? '' : 's'}`];
  });
  return counted.join(' and ');
}
