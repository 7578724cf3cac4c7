import type { WebhookMessageState } from '../api/types.ts';
import type { Tone } from '../ui/status.tsx';

export interface Look {
  readonly label: string;
  readonly tone: Tone;
}

export const MESSAGE_STATES: Readonly<Record<WebhookMessageState, Look>> = {
  pending: { label: 'Waiting', tone: 'neutral' },
  sending: { label: 'Sending', tone: 'accent' },
  delivered: { label: 'Delivered', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
};

export function isMessageState(value: unknown): value is WebhookMessageState {
  return typeof value === 'string' && Object.hasOwn(MESSAGE_STATES, value);
}
