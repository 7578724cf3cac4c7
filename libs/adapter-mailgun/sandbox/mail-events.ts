import { randomBytes } from 'node:crypto';
import type { RecipientEvent, SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import { type AcceptedMail, fieldsOf, textsOf } from './mail-form.ts';

type Data = Readonly<Record<string, unknown>>;

/** An event in the vendor's form, and the type of webhook that receives it. */
export interface VendorEvent {
  readonly type: string;
  readonly data: Data;
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

/** Returns what happened at one recipient as the vendor's event. */
export function vendorEventOf(mail: AcceptedMail, { recipient, event, step }: RecipientEvent, now: Date): VendorEvent {
  // Each step after the first is another attempt.
  const create = EVENT_FACTORIES[event.kind] as (event: SimulatedEvent, attempt: number) => VendorEvent;
  const { type, data } = create(event, step);
  const id = randomBytes(16).toString('base64url');
  return { type, data: { ...commonOf(mail, recipient), ...data, id, timestamp: now.getTime() / 1000 } };
}

function commonOf({ domain, messageId, from, subject, form, sandboxed }: AcceptedMail, recipient: string): object {
  const variables = fieldsOf(form).flatMap(([name, text]) =>
    name.startsWith('v:') ? [[name.slice(2), text] as const] : [],
  );
  return {
    account: { id: '1234567890303a4bd1f33898' },
    domain: { name: domain },
    recipient,
    'recipient-domain': recipient.split('@')[1],
    flags: { 'is-authenticated': true, 'is-test-mode': sandboxed },
    message: { headers: { 'message-id': messageId, from, to: recipient, subject }, attachments: [] },
    tags: textsOf(form, 'o:tag'),
    campaigns: [],
    // If there is none, the vendor writes an empty array.
    'user-variables': variables.length === 0 ? [] : Object.fromEntries(variables),
  };
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
