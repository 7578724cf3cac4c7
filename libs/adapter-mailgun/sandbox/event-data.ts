import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';

type Data = Readonly<Record<string, unknown>>;

/** An event of one recipient, without what all of a message have, and the type of webhook that receives it. */
export interface VendorEvent {
  readonly type: string;
  readonly data: Data & { readonly event: string };
}

const READER = { ip: '203.0.113.9', geolocation: { city: 'Unknown', country: 'DE', region: 'Unknown' } };
const ACCEPTED = {
  code: 250,
  message: 'OK',
  description: null,
  'enhanced-code': null,
  tls: true,
  'mx-host': 'mx.recipient.example',
};
const SUPPRESSED = { code: 605, message: '', description: 'Not delivering to previously bounced address' };
const REASONS = { hard: 'bounce', soft: 'old', block: 'espblock' } as const;

type EventFactories = {
  readonly [kind in SimulatedEvent['kind']]: (
    simulatedEvent: SimulatedEvent & { kind: kind },
    attempt: number,
  ) => VendorEvent;
};

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads */
const EVENT_FACTORIES: EventFactories = {
  queued: () => event('accepted', 'info', { method: 'HTTP' }),
  delivered: (_, attempt) => event('delivered', 'info', { 'delivery-status': { 'attempt-no': attempt, ...ACCEPTED } }),
  rejected: () => failed('permanent', 'suppress-bounce', { 'attempt-no': 1, ...SUPPRESSED }),
  deferred: (reply, attempt) =>
    failed('temporary', 'generic', { 'attempt-no': attempt, ...statusOf(reply), 'retry-seconds': 600 }),
  bounced: (reply, attempt) => {
    const type = reply.class === 'hard' ? { 'bounce-type': 'hard' } : {};
    return failed('permanent', REASONS[reply.class], { 'attempt-no': attempt, ...statusOf(reply), ...type });
  },
  opened: ({ machine }) => event('opened', 'info', { ...READER, 'client-info': client(machine ? 'apple' : null) }),
  clicked: ({ url }) => event('clicked', 'info', { ...READER, 'client-info': client(null), url }),
  unsubscribed: () => event('unsubscribed', 'info', { ...READER, 'client-info': client(null), tags: ['*'] }),
  complained: () => event('complained', 'warn', {}),
};

/** Returns the vendor's events of a message to this address, in order. */
export function vendorEventsOf(address: string): readonly VendorEvent[] {
  let attempt = 1;
  return scenarioOf(address).map((simulatedEvent) =>
    vendorEventOf(simulatedEvent, simulatedEvent.kind === 'deferred' ? attempt++ : attempt),
  );
}

function vendorEventOf(simulatedEvent: SimulatedEvent, attempt: number): VendorEvent {
  const create = EVENT_FACTORIES[simulatedEvent.kind] as (
    simulatedEvent: SimulatedEvent,
    attempt: number,
  ) => VendorEvent;
  return create(simulatedEvent, attempt);
}

function event(name: string, level: string, data: Data): VendorEvent {
  return { type: name, data: { event: name, 'log-level': level, ...data } };
}

function failed(severity: 'permanent' | 'temporary', reason: string, status: Data): VendorEvent {
  const level = severity === 'permanent' ? 'error' : 'warn';
  const data = { event: 'failed', 'log-level': level, severity, reason, 'delivery-status': status };
  return { type: `${severity}_fail`, data };
}

function statusOf({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): Data {
  return { code, 'enhanced-code': enhancedCode, message: `${enhancedCode} ${text}`, description: null };
}

function client(bot: 'apple' | null): Data {
  return {
    'client-name': 'Chrome',
    'client-type': 'browser',
    'device-type': 'desktop',
    'user-agent': 'Mozilla/5.0',
    bot,
  };
}
