import { randomBytes } from 'node:crypto';
import type { AcceptedMail } from './accepted-mail.ts';
import { type VendorEvent, vendorEventsOf } from './event-data.ts';
import { fieldsOf, textsOf } from './read-form.ts';

/** An event in the vendor's form, and the type of webhook that receives it. */
export interface SandboxEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly event: string; readonly id: string };
}

/** One step of a message: the events of all recipients that have events left. */
export type MailStep = (now: Date) => readonly SandboxEvent[];

/** Returns the events of a message, step by step. A schedule is ignored; in test mode there are none. */
export function stepsOf(mail: AcceptedMail): readonly MailStep[] {
  const scenarios = mail.recipients.map((recipient) => ({
    common: commonOf(mail, recipient),
    events: vendorEventsOf(mail.sandboxed ? 'ada@recipient.example' : recipient),
  }));
  const length = Math.max(...scenarios.map(({ events }) => events.length));
  return Array.from({ length }, (_, step) => (now: Date) => {
    return scenarios.flatMap(({ common, events }) => {
      const one = events[step];
      return one === undefined ? [] : [eventOf(common, one, now)];
    });
  });
}

/** Returns all events of a message in order, one second apart. */
export function eventsOf(mail: AcceptedMail, now: Date = new Date()): readonly SandboxEvent[] {
  return stepsOf(mail).flatMap((step, index) => step(new Date(now.getTime() + index * 1000)));
}

function eventOf(common: object, { type, data }: VendorEvent, now: Date): SandboxEvent {
  const id = randomBytes(16).toString('base64url');
  return { type, data: { ...common, ...data, id, timestamp: now.getTime() / 1000 } };
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
