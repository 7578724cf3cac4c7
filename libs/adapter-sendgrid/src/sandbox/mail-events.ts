import { randomBytes } from 'node:crypto';
import { type AcceptedMail, recipientsOf } from './mail-json.ts';

/** An event as the vendor posts it. */
export interface SandboxEvent {
  readonly event: string;
  readonly email: string;
  readonly timestamp: number;
  readonly sg_event_id: string;
  readonly sg_message_id: string;
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>> & { readonly event: string };

const PROCESSED: Fields = { event: 'processed', send_at: 0 };
const DELIVERED: Fields = { event: 'delivered', ip: '198.51.100.17', response: '250 2.0.0 OK', tls: 1 };
const READER = { ip: '203.0.113.9', useragent: 'Mozilla/5.0', sg_content_type: 'html' };
const OPENED: Fields = { event: 'open', ...READER, sg_machine_open: false };
const CLICKED: Fields = {
  event: 'click',
  ...READER,
  url: 'https://sender.example/start?u=1&v=2',
  url_offset: { index: 0, type: 'html' },
};

/** What becomes of a mail, by the part of the address before the `@`, or before a `+` in it. Any other is delivered. */
const FATES: ReadonlyMap<string, readonly Fields[]> = new Map<string, readonly Fields[]>([
  ['bounce', [PROCESSED, bounce('bounce', '5.1.1', '550 5.1.1 No such user', 'Invalid Address')]],
  ['softbounce', [PROCESSED, bounce('bounce', '4.2.2', '452 4.2.2 Mailbox full', 'Mailbox Unavailable')]],
  ['block', [PROCESSED, bounce('blocked', '5.7.1', '550 5.7.1 Refused for its reputation', 'Reputation')]],
  ['drop', [{ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' }]],
  ['defer', [PROCESSED, { event: 'deferred', response: '421 4.7.0 try again later', attempt: '1', tls: 1 }, DELIVERED]],
  ['open', [PROCESSED, DELIVERED, OPENED]],
  ['machineopen', [PROCESSED, DELIVERED, { ...OPENED, sg_machine_open: true }]],
  ['click', [PROCESSED, DELIVERED, OPENED, CLICKED]],
  ['complaint', [PROCESSED, DELIVERED, { event: 'spamreport' }]],
  ['unsubscribe', [PROCESSED, DELIVERED, { event: 'unsubscribe' }]],
]);

/** The events of a mail, in the order in which they happen, a second apart. A sandboxed mail has none. */
export function eventsOf(mail: AcceptedMail, now: Date = new Date()): readonly SandboxEvent[] {
  if (mail.sandboxed) return [];
  const started = Math.floor(now.getTime() / 1000);
  return recipientsOf(mail.json).flatMap(({ email, customArgs }) => {
    const name = /^[^+@]*/.exec(email)?.[0].toLowerCase() ?? '';
    return (FATES.get(name) ?? [PROCESSED, DELIVERED]).map((fields, index) => ({
      // The vendor's own fields win over arguments of the same name.
      ...customArgs,
      email,
      timestamp: started + index,
      'smtp-id': `<${mail.messageId}@geopod-ismtpd-12>`,
      ...(mail.json.categories === undefined ? {} : { category: mail.json.categories }),
      ...fields,
      sg_event_id: newEventId(),
      sg_message_id: `${mail.messageId}.filterdrecv-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.0`,
    }));
  });
}

/** The same events as another of the vendor's servers would repeat them: only their ids differ. */
export function repeated(events: readonly SandboxEvent[]): readonly SandboxEvent[] {
  return events.map((event) => ({ ...event, sg_event_id: newEventId() }));
}

function bounce(type: string, status: string, reason: string, classification: string): Fields {
  return { event: 'bounce', type, status, reason, bounce_classification: classification, ip: '198.51.100.17', tls: 1 };
}

function newEventId(): string {
  return randomBytes(24).toString('base64url');
}
