import type { Usage } from '../../api/types.ts';
import type { Tone } from '../../ui/status.tsx';

interface Look {
  readonly label: string;
  readonly tone: Tone;
}

/** How far a campaign or journey is, in a word. */
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
