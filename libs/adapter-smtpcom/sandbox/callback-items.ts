import { randomBytes } from 'node:crypto';
import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import type { VendorEvent } from './callbacks.ts';
import { type AcceptedMail, uniqueArgsOf } from './mail-json.ts';

/** The event of one callback. */
export interface CallbackItem {
  readonly event: VendorEvent;
  readonly item: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;
type ReportedEvents = readonly (readonly [VendorEvent, Fields])[];

const RESPONSE_CLASSES = { hard: 10, soft: 22, block: 51 } as const;
const SENDER_ID = 100_500;
const READER = { user_agent: 'Mozilla/5.0', remote_ip: '203.0.113.9' };

const ALWAYS: Readonly<Record<Exclude<SimulatedEvent['kind'], 'deferred' | 'bounced' | 'clicked'>, ReportedEvents>> = {
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

/** One step of a message: the events of all recipients that have events left. */
export type MailStep = (now: Date) => readonly CallbackItem[];

/**
 * Returns the events of a message, step by step. A hard bounce is reported twice, as `failed` and as `hard_bounced`,
 * under one label. `assumptions.ts` states how far labels and fields are documented.
 */
export function stepsOf(mail: AcceptedMail): readonly MailStep[] {
  const scenarios = mail.recipients.map((recipient) => ({ recipient, reports: reportedTo(recipient) }));
  const length = Math.max(...scenarios.map(({ reports }) => reports.length));
  return Array.from({ length }, (_, step) => (now: Date) => {
    return scenarios.flatMap(({ recipient, reports }) =>
      (reports[step] ?? []).map(([event, fields]) => ({ event, item: itemOf(mail, recipient, fields, now) })),
    );
  });
}

function reportedTo(recipient: string): readonly ReportedEvents[] {
  let tries = 0;
  return scenarioOf(recipient).map((simulatedEvent) => {
    if (simulatedEvent.kind === 'deferred') tries += 1;
    return reportsOf(simulatedEvent, tries);
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

function reportsOf(simulatedEvent: SimulatedEvent, tries: number): ReportedEvents {
  const { kind } = simulatedEvent;
  if (kind === 'deferred')
    return [['queued', { event_label: 'queued', tries, ...reply(simulatedEvent), resp_class: 70 }]];
  if (kind === 'bounced') return bounce(simulatedEvent, tries);
  if (kind === 'clicked') return [['clicked', { event_label: 'click', ...READER, url: simulatedEvent.url }]];
  return ALWAYS[kind].map(([event, fields]) => [event, { ...fields, tries }]);
}

function bounce(simulatedEvent: SimulatedEvent & { readonly kind: 'bounced' }, tries: number): ReportedEvents {
  const fields = {
    event_label: 'bounce',
    tries,
    ...reply(simulatedEvent),
    resp_class: RESPONSE_CLASSES[simulatedEvent.class],
  };
  const failed: ReportedEvents = [['failed', fields]];
  return simulatedEvent.class === 'hard' ? [...failed, ['hard_bounced', fields]] : failed;
}

function reply({ code, enhancedCode, text }: { code: number; enhancedCode: string; text: string }): Fields {
  return { resp_code: code, resp_msg: `${enhancedCode} ${text}` };
}
