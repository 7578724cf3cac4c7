import type { RecipientEvent, SandboxMail } from '@score-crm/adapter-kit/sandbox';
import type { MailJson } from './mail-rules.ts';

/** A message that was accepted. */
export interface AcceptedMail extends SandboxMail {
  readonly json: MailJson;
}

/** An event as Postmark posts it, with the trigger that it belongs to. */
export interface PostedEvent {
  readonly trigger: string;
  readonly item: Readonly<Record<string, unknown>>;
}

const BOUNCES = { hard: ['HardBounce', 1], soft: ['SoftBounce', 4096], block: ['Blocked', 100_006] } as const;
const READER = {
  Client: { Name: 'Firefox 141.0', Company: 'Mozilla', Family: 'Firefox' },
  OS: { Name: 'Ubuntu 24.04', Company: 'Canonical', Family: 'Linux' },
  Platform: 'Desktop',
  UserAgent: 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:141.0)',
  Geo: { CountryISOCode: 'NL', Country: 'Netherlands', IP: '203.0.113.77' },
};
/** Beyond the whole numbers that a double can hold. */
let lastId = 4_611_686_018_427_387_904n;

/** Returns the events of a step: none while a message is waiting, which Postmark does not report. */
export function postedEvents(
  mail: AcceptedMail,
  { recipient, event }: RecipientEvent,
  now: Date,
): readonly PostedEvent[] {
  const time = now.toISOString().replace('Z', '0000Z');
  const bounce = (
    type: string,
    code: number,
    details: string,
    trigger: 'Bounce' | 'SpamComplaint' = 'Bounce',
  ): PostedEvent =>
    posted(mail, trigger, {
      ID: (lastId += 1n),
      Type: type,
      TypeCode: code,
      Name: type,
      Description: 'A fixed text for this type.',
      Details: details,
      Email: recipient,
      From: mail.from,
      BouncedAt: time,
      Inactive: type !== 'Transient',
      CanActivate: trigger === 'Bounce',
      Subject: mail.subject,
    });
  switch (event.kind) {
    case 'queued':
      return [];
    case 'delivered':
      return [posted(mail, 'Delivery', { Recipient: recipient, DeliveredAt: time, Details: 'smtp;250 2.0.0 OK' })];
    case 'deferred':
      return [bounce('Transient', 2, `smtp;${String(event.code)} ${event.enhancedCode} ${event.text}`)];
    case 'bounced':
      return [
        bounce(
          BOUNCES[event.class][0],
          BOUNCES[event.class][1],
          `smtp;${String(event.code)} ${event.enhancedCode} ${event.text}`,
        ),
      ];
    case 'rejected':
      return [bounce('ManuallyDeactivated', 100_002, 'The address was deactivated.')];
    case 'complained':
      return [bounce('SpamComplaint', 100_001, 'Complaint by feedback loop', 'SpamComplaint')];
    case 'opened':
      return [
        posted(mail, 'Open', {
          ...READER,
          FirstOpen: true,
          Recipient: recipient,
          ReceivedAt: time,
          ReadSeconds: 4,
        }),
      ];
    case 'clicked':
      return [
        posted(mail, 'Click', {
          ...READER,
          ClickLocation: 'HTML',
          OriginalLink: event.url,
          Recipient: recipient,
          ReceivedAt: time,
        }),
      ];
    case 'unsubscribed':
      break;
  }
  return [
    posted(mail, 'SubscriptionChange', {
      Recipient: recipient,
      ChangedAt: time,
      Origin: 'Recipient',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    }),
  ];
}

/** Returns the event for a trigger that Postmark posts to verify a webhook: of a message that never existed. */
export function sampleEvent(trigger: string, stream: string): PostedEvent['item'] {
  return {
    RecordType: trigger,
    MessageStream: stream,
    MessageID: '00000000-0000-0000-0000-000000000000',
    Recipient: 'john@example.com',
    Email: 'john@example.com',
    ...(trigger === 'Bounce' ? { Type: 'HardBounce' } : {}),
    ...(trigger === 'SpamComplaint' ? { Type: 'SpamComplaint' } : {}),
    ...(trigger === 'Click' ? { OriginalLink: 'https://example.com' } : {}),
    BouncedAt: '2025-01-01T00:00:00.0000000Z',
  };
}

/** Serializes an event: its id has more digits than a number of JavaScript. */
export function eventJson(item: PostedEvent['item']): string {
  return JSON.stringify(item, (_name, value: unknown) =>
    typeof value === 'bigint' ? `#${String(value)}#` : value,
  ).replace(/"#(\d+)#"/g, '$1');
}

function posted(mail: AcceptedMail, trigger: string, fields: PostedEvent['item']): PostedEvent {
  const { Tag = '', Metadata = {}, MessageStream = 'outbound' } = mail.json;
  const item = {
    RecordType: trigger,
    MessageStream,
    ServerID: 77_001,
    MessageID: mail.messageId,
    Tag,
    Metadata,
    ...fields,
  };
  return { trigger, item };
}
