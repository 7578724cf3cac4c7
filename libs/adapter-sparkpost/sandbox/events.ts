import { randomInt } from 'node:crypto';
import type { SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import type { AcceptedMail, RecipientJson } from './transmissions.ts';

type EventClass = 'message_event' | 'track_event' | 'gen_event' | 'unsubscribe_event';

/** The class under which the vendor groups an event, and the fields of the event besides those that all have. */
interface FiledEvent {
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
function filedEvents(simulatedEvent: SimulatedEvent): readonly FiledEvent[] {
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

/** An event in the vendor's form. */
export interface SandboxEvent {
  readonly class: FiledEvent['class'];
  readonly event: FiledEvent['fields'];
}

export function eventsOf(
  simulatedEvent: SimulatedEvent,
  mail: AcceptedMail,
  recipient: RecipientJson,
): readonly SandboxEvent[] {
  return filedEvents(simulatedEvent).map(({ class: name, fields }) => ({
    class: name,
    event: { ...common(mail, recipient), ...fields },
  }));
}

/** The fields of nearly all events. Nearly all scalars are strings. */
function common({ messageId, json, subject }: AcceptedMail, { address, tags = [], metadata }: RecipientJson) {
  return {
    event_id: digits(),
    timestamp: String(Math.floor(Date.now() / 1000)),
    customer_id: '102938',
    subaccount_id: '0',
    transmission_id: messageId,
    message_id: '00012d6ba3684e7f1c25',
    rcpt_to: address.email.toLowerCase(),
    raw_rcpt_to: address.email,
    rcpt_meta: { ...json.metadata, ...metadata },
    rcpt_tags: tags,
    recipient_domain: address.email.split('@')[1]?.toLowerCase(),
    friendly_from: json.content.from.email,
    subject,
    campaign_id: json.campaign_id ?? '',
    transactional: json.options?.transactional === true ? '1' : '0',
    open_tracking: true,
    click_tracking: true,
  };
}

/** An id like the vendor's: digits, and too large for a number. */
export function digits(): string {
  return `71${Array.from({ length: 17 }, () => String(randomInt(10))).join('')}`;
}
