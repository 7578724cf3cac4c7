import type { SimulatedEvent } from '@score-crm/adapter-kit/sandbox';

type EventClass = 'message_event' | 'track_event' | 'gen_event' | 'unsubscribe_event';

/** The class under which the vendor groups an event, and the fields of the event besides those that all have. */
export interface FiledEvent {
  readonly class: EventClass;
  readonly fields: Readonly<Record<string, unknown>> & { readonly type: string };
}

const READER = {
  ip_address: '203.0.113.9',
  user_agent: 'Mozilla/5.0',
  geo_ip: {
    country: 'US',
    region: 'MD',
    city: 'Columbia',
    latitude: 39.1749,
    longitude: -76.8375,
    postal_code: '21046',
  },
};
const BOUNCE_CLASSES = { hard: '10', soft: '22', block: '51' } as const;
const SUPPRESSED = '554 5.7.1 recipient address suppressed due to customer policy';

type Filing = {
  readonly [kind in SimulatedEvent['kind']]: (simulatedEvent: SimulatedEvent & { kind: kind }) => readonly FiledEvent[];
};

const FILING: Filing = {
  queued: () => [filed('message_event', 'injection')],
  delivered: () => [filed('message_event', 'delivery', { outbound_tls: '1', ip_address: '198.51.100.25' })],
  rejected: () => [filed('gen_event', 'generation_rejection', { bounce_class: '25', ...reasoned('554', SUPPRESSED) })],
  deferred: (reply) => [filed('message_event', 'delay', { bounce_class: '70', ...replied(reply) })],
  bounced: (reply) => [
    filed('message_event', 'bounce', { bounce_class: BOUNCE_CLASSES[reply.class], ...replied(reply) }),
  ],
  // A reader who sees the complete message also loads the pixel at its top.
  opened: ({ machine }) =>
    ['initial_open', 'open'].map((type) =>
      filed('track_event', type, { ...READER, user_agent_parsed: { is_mobile: false, is_prefetched: machine } }),
    ),
  clicked: ({ url }) => [
    filed('track_event', 'click', { ...READER, target_link_name: 'Raw URL', target_link_url: url }),
  ],
  complained: () => [filed('message_event', 'spam_complaint', { fbtype: 'abuse' })],
  unsubscribed: () => [filed('unsubscribe_event', 'list_unsubscribe', { mailfrom: 'unsubscribe@recipient.example' })],
};

/** Returns the vendor's report of one simulated event. */
export function filedEvents(simulatedEvent: SimulatedEvent): readonly FiledEvent[] {
  const file = FILING[simulatedEvent.kind] as (simulatedEvent: SimulatedEvent) => readonly FiledEvent[];
  return file(simulatedEvent);
}

function filed(name: EventClass, type: string, fields: Readonly<Record<string, unknown>> = {}): FiledEvent {
  return { class: name, fields: { type, ...fields } };
}

function replied({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): object {
  return { num_retries: '0', ...reasoned(String(code), `${String(code)} ${enhancedCode} ${text}`) };
}

function reasoned(error_code: string, reason: string): object {
  return { error_code, raw_reason: reason, reason };
}
