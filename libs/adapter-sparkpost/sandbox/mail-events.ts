import { randomInt } from 'node:crypto';
import type { SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import type { AcceptedMail } from './accepted-mail.ts';
import { type FiledEvent, filedEvents } from './filed-events.ts';
import type { RecipientJson } from './transmission-json.ts';

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
