import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';

/** The fields of an event besides those that all events have. */
export type EventFields = Readonly<Record<string, unknown>> & { readonly event: string };

const RELAY = { ip: '198.51.100.17', tls: 1 };
const READER = { ip: '203.0.113.9', useragent: 'Mozilla/5.0', sg_content_type: 'html' };
const LINK = { index: 0, type: 'html' };
const CLASSIFICATIONS = { hard: 'Invalid Address', soft: 'Mailbox Unavailable', block: 'Reputation' } as const;

const ALWAYS = {
  queued: { event: 'processed', send_at: 0 },
  delivered: { event: 'delivered', ...RELAY, response: '250 2.0.0 OK' },
  rejected: { event: 'dropped', reason: 'Bounced Address', status: '5.0.0' },
  complained: { event: 'spamreport' },
  unsubscribed: { event: 'unsubscribe' },
} as const;

/** Returns the events of a message to this address, in order. */
export function fieldsFor(address: string): readonly EventFields[] {
  let attempt = 0;
  return scenarioOf(address).map((simulatedEvent) => {
    if (simulatedEvent.kind === 'deferred') attempt += 1;
    return fieldsOf(simulatedEvent, attempt);
  });
}

function fieldsOf(simulatedEvent: SimulatedEvent, attempt: number): EventFields {
  const { kind } = simulatedEvent;
  if (kind === 'deferred') return { event: kind, ...RELAY, response: said(simulatedEvent), attempt: String(attempt) };
  if (kind === 'bounced') return bounce(simulatedEvent);
  if (kind === 'opened') return { event: 'open', ...READER, sg_machine_open: simulatedEvent.machine };
  if (kind === 'clicked') return { event: 'click', ...READER, url: simulatedEvent.url, url_offset: LINK };
  return ALWAYS[kind];
}

function bounce(simulatedEvent: SimulatedEvent & { readonly kind: 'bounced' }): EventFields {
  return {
    event: 'bounce',
    ...RELAY,
    type: simulatedEvent.class === 'block' ? 'blocked' : 'bounce',
    status: simulatedEvent.enhancedCode,
    reason: said(simulatedEvent),
    bounce_classification: CLASSIFICATIONS[simulatedEvent.class],
  };
}

function said({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): string {
  return `${String(code)} ${enhancedCode} ${text}`;
}
