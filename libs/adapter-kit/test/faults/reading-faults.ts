import {
  contentDigest,
  type EmailEvent,
  type JsonItem,
  MalformedWebhookError,
  type ParsedEvent,
  type WebhookRequest,
} from '@score-crm/adapter-kit';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { type Fault, faulty, webhooksWith } from './fault.ts';

type Parse = ModelAdapter['webhooks']['parse'];
type Known = Extract<ParsedEvent, { readonly ok: true }>;

const FIVE_YEARS_MS = 5 * 365 * 24 * 60 * 60 * 1000;

/** `parse` with the right one at hand. */
function parsing(parse: (right: Parse, request: WebhookRequest) => readonly ParsedEvent[]) {
  return faulty((adapter) => {
    const right = adapter.webhooks.parse.bind(adapter.webhooks);
    return webhooksWith(adapter, { parse: (request: WebhookRequest) => parse(right, request) });
  });
}

/** `parse` that reads each event otherwise. */
function reading(read: (known: Known, item: JsonItem) => ParsedEvent) {
  return parsing((right, request) =>
    right(request).map((one) => (one.ok ? read(one, one.event.raw as JsonItem) : one)),
  );
}

/** `parse` that tells something else of each event. */
function telling(tell: (event: EmailEvent, item: JsonItem) => EmailEvent) {
  return reading((known, item) => ({ ...known, event: tell(known.event, item) }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf({ body }: WebhookRequest): string {
  return Buffer.from(body).toString().trim();
}

export const READING_FAULTS: readonly Fault[] = [
  {
    rule: 'fixtures-read',
    what: 'does not tell why a mail bounced',
    subject: telling((event) =>
      event.bounce === undefined ? event : { ...event, bounce: { class: event.bounce.class } },
    ),
  },
  {
    rule: 'raw-kept',
    what: 'keeps less of a delivery than came',
    subject: telling((event, { at: _left, ...raw }) => (event.kind === 'delivered' ? { ...event, raw } : event)),
  },
  {
    rule: 'event-kinds-shown',
    what: 'says that it reports what no fixture shows',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, events: [...capabilities.events, 'sent'] },
    })),
  },
  {
    rule: 'event-kinds-shown',
    what: 'reports what it does not say',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, events: capabilities.events.filter((kind) => kind !== 'complained') },
    })),
  },
  {
    rule: 'unknown-kinds-survive',
    what: 'cannot read kinds that it does not know',
    subject: reading((known, item) =>
      known.event.kind === 'unknown' && item['kind'] !== 'forwarded'
        ? { ok: false, reason: 'The kind is unknown.', raw: item }
        : known,
    ),
  },
  {
    rule: 'garbage-isolated',
    what: 'gives a whole post up for a number in it',
    subject: parsing((right, request) => {
      const parsed = right(request);
      if (parsed.some((one) => !one.ok && typeof one.raw === 'number')) throw new MalformedWebhookError('A number.');
      return parsed;
    }),
  },
  {
    rule: 'garbage-isolated',
    what: 'leaves out what it cannot read',
    subject: parsing((right, request) => right(request).filter((one) => one.ok || one.raw === null)),
  },
  {
    rule: 'empty-is-nothing',
    what: 'takes an empty post for a broken one',
    subject: parsing((right, request) => {
      if (textOf(request) === '') throw new MalformedWebhookError('The body is empty.');
      return right(request);
    }),
  },
  {
    rule: 'parse-throws-malformed-alone',
    what: 'throws what JSON.parse throws',
    subject: parsing((right, request) => {
      if (textOf(request).startsWith('[')) JSON.parse(textOf(request));
      return right(request);
    }),
  },
  {
    rule: 'parse-pure',
    what: 'looks at the clock',
    subject: reading((known, item) =>
      Date.now() - (known.event.occurredAt?.getTime() ?? 0) > FIVE_YEARS_MS
        ? { ok: false, reason: 'The event is too old.', raw: item }
        : known,
    ),
  },
  {
    rule: 'parse-pure',
    what: 'changes the bytes that it reads',
    subject: parsing((right, request) => {
      const parsed = right(request);
      if (request.body.length > 0) request.body[0] = 0x20;
      return parsed;
    }),
  },
  {
    rule: 'parse-reads-declared',
    what: 'reads a parameter that is not stored',
    subject: parsing((right, request) => (request.query['token'] === 'never' ? [] : right(request))),
  },
  {
    rule: 'nothing-invented',
    what: 'has a recipient for events that have none',
    subject: telling((event) => ({ ...event, recipient: event.recipient ?? 'unknown@recipient.example' })),
  },
  {
    rule: 'raw-kept',
    what: 'parses numbers as doubles',
    subject: parsing((right, request) => {
      const text = textOf(request);
      const rounded = isJson(text) ? JSON.stringify(JSON.parse(text)) : text;
      return right({ ...request, body: Buffer.from(rounded) });
    }),
  },
  {
    rule: 'time-optional',
    what: 'loses an event that has no time',
    subject: parsing((right, request) =>
      right(request).map((one) =>
        one.ok && one.event.occurredAt === undefined
          ? { ok: false, reason: 'The item has no time.', raw: one.event.raw }
          : one,
      ),
    ),
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'treats two clicks of one second as one',
    subject: reading((known, { id, kind }) =>
      String(id).startsWith('click-') ? { ...known, deduplicationKey: ['click', String(kind)] } : known,
    ),
    alongside: ['fixtures-read'],
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'knows events by their kind alone',
    subject: reading((known, { id, kind }) =>
      String(id).length > 10 ? { ...known, deduplicationKey: [String(kind)] } : known,
    ),
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'knows events by their id, which several kinds may share',
    subject: reading((known, { id }) => ({ ...known, deduplicationKey: [String(id).replace(/^e-\d$/, 'e')] })),
    alongside: ['fixtures-read'],
  },
  {
    rule: 'deduplication-keys-repeat',
    what: 'knows events by the bytes that they came in',
    subject: reading((known, item) => ({
      ...known,
      deduplicationKey: Object.keys(item)[0] === 'id' ? known.deduplicationKey : [JSON.stringify(item)],
    })),
  },
  {
    rule: 'deduplication-keys-repeat',
    what: 'knows events by what changes when they are repeated',
    subject: withRepetition(
      reading((known, item) => (item['attempt'] === 2 ? { ...known, deduplicationKey: [contentDigest(item)] } : known)),
    ),
  },
  {
    rule: 'message-ids-match',
    what: 'tells message ids in other letters than `send` did',
    subject: telling((event) =>
      event.messageId === undefined ? event : { ...event, messageId: event.messageId.toLowerCase() },
    ),
  },
  {
    rule: 'sender-data-returns',
    what: 'loses metadata that are not of plain letters',
    subject: telling(({ metadata = {}, ...event }) => {
      const kept = Object.entries(metadata).filter(([, value]) => /^[\w-]*$/.test(value));
      return kept.length === 0 ? event : { ...event, metadata: Object.fromEntries(kept) };
    }),
  },
];

/** The vendor writes the attempt into what it repeats. */
function withRepetition(subject: ReturnType<typeof faulty>): ReturnType<typeof faulty> {
  const { webhook } = subject;
  if (webhook === undefined) return subject;
  return { ...subject, webhook: { ...webhook, repeated: (item) => ({ ...item, attempt: 2 }) } };
}
