import type { WebhookHealth } from '../../api/types.ts';
import type { Tone } from '../../ui/status.tsx';

export const HEALTH_STATES: Readonly<Record<WebhookHealth['state'], readonly [label: string, tone: Tone]>> = {
  inactive: ['Not set up', 'neutral'],
  waiting: ['Waiting', 'accent'],
  healthy: ['Healthy', 'ok'],
  unhealthy: ['Unhealthy', 'bad'],
};

const REASONS: Readonly<Record<NonNullable<WebhookHealth['reason']>, string>> = {
  unreadable: 'unreadable requests',
  signature_failures: 'failed authentication',
  no_events: 'no events',
};

/** Such as `Unhealthy (no events)`. */
export function healthInWords({ state, reason }: Pick<WebhookHealth, 'state' | 'reason'>): string {
  const [label] = HEALTH_STATES[state];
  return reason === null ? label : `${label} (${REASONS[reason]})`;
}
