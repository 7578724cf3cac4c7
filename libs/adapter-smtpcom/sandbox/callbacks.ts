import { randomBytes } from 'node:crypto';
import {
  type MailStep,
  type PostOutcome,
  scenarioOf,
  type SandboxWebhook,
  type SimulatedEvent,
  WebhookFeed,
  type WebhookPost,
} from '@score-crm/adapter-kit/sandbox';
import { type AcceptedMail, uniqueArgsOf } from './mail.ts';

const VENDOR_EVENTS = [
  'received',
  'queued',
  'delivered',
  'failed',
  'hard_bounced',
  'bounceback',
  'complained',
  'unsubscribed',
  'opened',
  'clicked',
] as const;

/** The events for which callbacks can be created. */
export type VendorEvent = (typeof VENDOR_EVENTS)[number];

/** One callback of the account: one for each channel and event. `id` consists of both. */
export interface Callback extends SandboxWebhook {
  readonly channel: string;
  readonly event: VendorEvent;
  readonly medium: 'http' | 'sqs';
}

export function isVendorEvent(name: string): name is VendorEvent {
  return VENDOR_EVENTS.some((event) => event === name);
}

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

/**
 * Returns the events of one step of a message. A hard bounce is reported twice, as `failed` and as `hard_bounced`, under
 * one label. `assumptions.ts` states how far labels and fields are documented.
 */
export function itemsOf(mail: AcceptedMail, step: MailStep, now: Date): readonly CallbackItem[] {
  return step.flatMap(({ recipient, event: simulated, step: index }) => {
    const tries = scenarioOf(recipient).filter(({ kind }, at) => kind === 'deferred' && at <= index).length;
    return reportsOf(simulated, tries).map(([event, fields]) => ({
      event,
      item: itemOf(mail, recipient, fields, now),
    }));
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

/** An entry of `GET /v4/callbacks/log`. */
export interface LogEntry {
  readonly code: number;
  readonly msg: string;
  readonly time: string;
}

/** Posts callbacks, and records their outcomes by URL. */
export class CallbackFeed extends WebhookFeed {
  private readonly entries: (LogEntry & { readonly url: string })[] = [];

  override async post(post: WebhookPost): Promise<PostOutcome> {
    try {
      const outcome = await super.post(post);
      this.note(post, outcome.status, outcome.status === 200 ? 'OK' : 'Failed');
      return outcome;
    } catch (error) {
      this.note(post, 0, 'No answer');
      throw error;
    }
  }

  /** Returns the requests to these URLs, newest first. */
  log(addresses: ReadonlySet<string>, limit: number): readonly LogEntry[] {
    const asked = this.entries
      .filter(({ url }) => addresses.has(url))
      .map(({ code, msg, time }) => ({ code, msg, time }));
    return asked.toReversed().slice(0, limit);
  }

  private note({ url }: WebhookPost, code: number, msg: string): void {
    this.entries.push({ url, code, msg, time: new Date().toUTCString().replace('GMT', '-0000') });
  }
}
