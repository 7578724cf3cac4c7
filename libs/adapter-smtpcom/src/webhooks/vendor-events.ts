import type { EventKind } from '@score-crm/adapter-kit';

/**
 * What callbacks can be registered for, and what each is to us, but that a `queued` which was tried already is deferred,
 * and a bounce by the vendor's own rules rejected.
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, /v4/callbacks/{event}
 */
export const VENDOR_EVENTS = {
  received: 'queued',
  queued: 'queued',
  delivered: 'delivered',
  failed: 'bounced',
  hard_bounced: 'bounced',
  bounceback: 'bounced',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
  opened: 'opened',
  clicked: 'clicked',
} as const satisfies Readonly<Record<string, EventKind>>;

/** All that items are to us. */
export const EVENT_KINDS: readonly EventKind[] = [...new Set(Object.values(VENDOR_EVENTS)), 'deferred', 'rejected'];

export type VendorEvent = keyof typeof VENDOR_EVENTS;

/** Those that are asked for. `received` says no more than the answer to the message did. */
export const REGISTERED_EVENTS = [
  'delivered',
  'failed',
  'hard_bounced',
  'bounceback',
  'queued',
  'complained',
  'opened',
  'clicked',
  'unsubscribed',
] as const satisfies readonly VendorEvent[];

export type RegisteredEvent = (typeof REGISTERED_EVENTS)[number];

export function isVendorEvent(name: string): name is VendorEvent {
  return Object.hasOwn(VENDOR_EVENTS, name);
}
