import { randomBytes } from 'node:crypto';
import { fieldsFor } from './mail-fields.ts';
import { type AcceptedMail, recipientsOf } from './mail-json.ts';

/** An event in the vendor's form. */
export interface SandboxEvent {
  readonly event: string;
  readonly email: string;
  readonly timestamp: number;
  readonly sg_event_id: string;
  readonly sg_message_id: string;
  readonly [field: string]: unknown;
}

/** One step of a message: the events of all recipients that have events left. */
export type MailStep = (now: Date) => readonly SandboxEvent[];

/** Returns the events of a message, step by step. A message in sandbox mode has none; a schedule is ignored. */
export function stepsOf(mail: AcceptedMail): readonly MailStep[] {
  if (mail.sandboxed) return [];
  const { categories } = mail.json;
  const recipients = recipientsOf(mail.json).map(({ email, customArgs }) => ({
    fields: fieldsFor(email),
    // The vendor's own fields take precedence over arguments of the same name.
    common: {
      ...customArgs,
      email,
      'smtp-id': `<${mail.messageId}@geopod-ismtpd-12>`,
      ...(categories === undefined ? {} : { category: categories }),
    },
  }));
  const length = Math.max(...recipients.map(({ fields }) => fields.length));
  return Array.from({ length }, (_, step) => (now: Date) => {
    return recipients.flatMap(({ fields, common }) => {
      const event = fields[step];
      return event === undefined
        ? []
        : [{ ...common, ...event, ...ids(mail), timestamp: Math.floor(now.getTime() / 1000) }];
    });
  });
}

/** Returns all events of a message in order, one second apart. */
export function eventsOf(mail: AcceptedMail, now: Date = new Date()): readonly SandboxEvent[] {
  return stepsOf(mail).flatMap((step, index) => step(new Date(now.getTime() + index * 1000)));
}

/** Returns the same events as repeated by another of the vendor's servers: only their ids differ. */
export function repeated(events: readonly SandboxEvent[]): readonly SandboxEvent[] {
  return events.map((event) => ({ ...event, sg_event_id: newEventId() }));
}

function ids({ messageId }: AcceptedMail): Pick<SandboxEvent, 'sg_event_id' | 'sg_message_id'> {
  return {
    sg_event_id: newEventId(),
    sg_message_id: `${messageId}.filterdrecv-7d5f8b9c6d-x2k9q-1-68A1F3C2-1B.0`,
  };
}

function newEventId(): string {
  return randomBytes(24).toString('base64url');
}
