import { randomBytes } from 'node:crypto';
import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import type { VendorEvent } from '../webhooks/vendor-events.ts';
import { type AcceptedMail, uniqueArgsOf } from './mail-json.ts';

/** What one callback tells. */
export interface CallbackItem {
  readonly event: VendorEvent;
  readonly item: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;
type Told = readonly (readonly [VendorEvent, Fields])[];

const RESPONSE_CLASSES = { hard: 10, soft: 22, block: 51 } as const;
const SENDER_ID = 100_500;
const READER = { user_agent: 'Mozilla/5.0', remote_ip: '203.0.113.9' };

const ALWAYS: Readonly<Record<Exclude<SimulatedEvent['kind'], 'deferred' | 'bounced' | 'clicked'>, Told>> = {
  queued: [
    ['received', { event_label: 'received' }],
    ['queued', { event_label: 'queued' }],
  ],
  delivered: [['delivered', { event_label: 'delivery', resp_code: 250, resp_class: 0, resp_msg: '2.0.0 OK' }]],
  rejected: [['failed', { event_label: 'bounce', resp_class: 25, resp_msg: 'The recipient is suppressed' }]],
  opened: [['opened', { event_label: 'open', ...READER }]],
  complained: [['complained', { event_label: 'complaint', feedback_type: 'spam' }]],
  unsubscribed: [['unsubscribed', { event_label: 'complaint', feedback_type: 'remove' }]],
};

/** One step of a mail: what is told of all recipients to whom still something happens. */
export type MailStep = (now: Date) => readonly CallbackItem[];

/**
 * What becomes of a mail, step by step. A hard bounce is told twice, as `failed` and as `hard_bounced`, under one label.
 * Labels and fields are as far documented as `assumptions.ts` says.
 */
export function stepsOf(mail: AcceptedMail): readonly MailStep[] {
  const scenarios = mail.recipients.map((recipient) => ({ recipient, told: toldTo(recipient) }));
  const length = Math.max(...scenarios.map(({ told }) => told.length));
  return Array.from({ length }, (_, step) => (now: Date) => {
    return scenarios.flatMap(({ recipient, told }) =>
      (told[step] ?? []).map(([event, fields]) => ({ event, item: itemOf(mail, recipient, fields, now) })),
    );
  });
}

function toldTo(recipient: string): readonly Told[] {
  let tries = 0;
  return scenarioOf(recipient).map((simulatedEvent) => {
    if (simulatedEvent.kind === 'deferred') tries += 1;
    return toldOf(simulatedEvent, tries);
  });
}

function itemOf(mail: AcceptedMail, recipient: string, fields: Fields, now: Date): Fields {
  const time = Math.floor(now.getTime() / 1000);
  return {
    ...uniqueArgsOf(mail.json),
    id: randomBytes(16).toString('hex'),
    sender_id: SENDER_ID,
    tracking_id: mail.messageId,
    mail_from: mail.from,
    rcpt_to: recipient,
    subject: mail.subject,
    time_started: time,
    time_finished: time,
    ...fields,
  };
}

function toldOf(simulatedEvent: SimulatedEvent, tries: number): Told {
  const { kind } = simulatedEvent;
  if (kind === 'deferred')
    return [['queued', { event_label: 'queued', tries, ...reply(simulatedEvent), resp_class: 70 }]];
  if (kind === 'bounced') return bounce(simulatedEvent, tries);
  if (kind === 'clicked') return [['clicked', { event_label: 'click', ...READER, url: simulatedEvent.url }]];
  return ALWAYS[kind].map(([event, fields]) => [event, { ...fields, tries }]);
}

function bounce(simulatedEvent: SimulatedEvent & { readonly kind: 'bounced' }, tries: number): Told {
  const fields = {
    event_label: 'bounce',
    tries,
    ...reply(simulatedEvent),
    resp_class: RESPONSE_CLASSES[simulatedEvent.class],
  };
  const failed: Told = [['failed', fields]];
  return simulatedEvent.class === 'hard' ? [...failed, ['hard_bounced', fields]] : failed;
}

function reply({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): Fields {
  return { resp_code: code, resp_msg: `${enhancedCode} ${text}` };
}
