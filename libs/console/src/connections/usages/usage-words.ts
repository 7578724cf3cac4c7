import type { Usage } from '../../api/types.ts';
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
