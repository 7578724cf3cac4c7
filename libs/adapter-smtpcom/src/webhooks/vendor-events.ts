import type { EventKind } from '@score-crm/adapter-kit';

/**
 * The events for which callbacks can be registered, and their kinds. Exceptions: a `queued` after an attempt is
 * deferred, and a bounce by the vendor's own rules is rejected.
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

/** All kinds of events that items can become. */
export const EVENT_KINDS: readonly EventKind[] = [...new Set(Object.values(VENDOR_EVENTS)), 'deferred', 'rejected'];

export type VendorEvent = keyof typeof VENDOR_EVENTS;

/** The registered events. `received` adds nothing to the response to the message. */
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
