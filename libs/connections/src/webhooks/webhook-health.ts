import type { WebhookState } from '../connections/ports.ts';
import type { WebhookHealthReason, WebhookHealthState } from '../events/webhook-health-changes.repository.ts';
import type { OutcomeCounts } from './webhook-counts.repository.ts';

/** What the health of a webhook follows from. All of it is stored, so that all instances decide alike. */
export interface HealthFacts {
  readonly state: WebhookState;
  /** Of this hour and the one before. */
  readonly recent: OutcomeCounts;
  /** Whether an email was accepted long enough ago, and no event has arrived since. */
  readonly isSilent: boolean;
}

export interface HealthVerdict {
  readonly state: WebhookHealthState;
  readonly reason: WebhookHealthReason | null;
}

/** Fewer are not worth a warning: scanners try every address once. */
export const MIN_SIGNATURE_FAILURES = 10;

export function healthOf({ state, recent, isSilent }: HealthFacts): HealthVerdict {
  if (state === 'unsupported' || state === 'not_set_up') return { state: 'inactive', reason: null };
  if (state === 'failing') return { state: 'unhealthy', reason: 'unreadable' };
  // Anyone can send requests that fail. Those that pass show that the key is right.
  const failures = unauthenticatedIn(recent);
  const passed = (recent.accepted ?? 0) + (recent.rejected ?? 0);
  if (failures >= MIN_SIGNATURE_FAILURES && passed === 0) return { state: 'unhealthy', reason: 'signature_failures' };
  if (isSilent) return { state: 'unhealthy', reason: 'no_events' };
  return { state: state === 'waiting' ? 'waiting' : 'healthy', reason: null };
}

export function unauthenticatedIn({
  missing = 0,
  invalid = 0,
  malformed = 0,
  not_configured = 0,
}: OutcomeCounts): number {
  return missing + invalid + malformed + not_configured;
}
