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

/** Replaces `parse`, with the original as an argument. */
function parsing(parse: (original: Parse, request: WebhookRequest) => readonly ParsedEvent[]) {
  return faulty((adapter) => {
    const original = adapter.webhooks.parse.bind(adapter.webhooks);
    return webhooksWith(adapter, { parse: (request: WebhookRequest) => parse(original, request) });
  });
}

/** A `parse` that changes each outcome. */
function changingOutcomes(read: (known: Known, item: JsonItem) => ParsedEvent) {
  return parsing((original, request) =>
    original(request).map((one) => (one.ok ? read(one, one.event.raw as JsonItem) : one)),
  );
}

/** A `parse` that changes each event. */
function changingEvents(change: (event: EmailEvent, item: JsonItem) => EmailEvent) {
  return changingOutcomes((known, item) => ({ ...known, event: change(known.event, item) }));
}

/** The same JSON with numbers as doubles. Anything else, and JSON that is nested too deeply, is returned unchanged. */
function withDoubles(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

function textOf({ body }: WebhookRequest): string {
  return Buffer.from(body).toString().trim();
}

export const READING_FAULTS: readonly Fault[] = [
  {
    rule: 'fixtures-read',
    what: 'does not report why a message bounced',
    subject: changingEvents((event) =>
      event.bounce === undefined ? event : { ...event, bounce: { class: event.bounce.class } },
    ),
  },
  {
    rule: 'raw-kept',
    what: 'shortens the raw form of a delivery',
    subject: changingEvents((event, { at: _left, ...raw }) => (event.kind === 'delivered' ? { ...event, raw } : event)),
  },
  {
    rule: 'event-kinds-shown',
    what: 'declares an event kind without a fixture',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, events: [...capabilities.events, 'sent'] },
    })),
  },
  {
    rule: 'event-kinds-shown',
    what: 'reports an undeclared event kind',
    subject: faulty(({ capabilities }) => ({
      capabilities: { ...capabilities, events: capabilities.events.filter((kind) => kind !== 'complained') },
    })),
  },
  {
    rule: 'unknown-kinds-survive',
    what: 'cannot parse unknown kinds',
    subject: changingOutcomes((known, item) =>
      known.event.kind === 'unknown' && item['kind'] !== 'forwarded'
        ? { ok: false, reason: 'The kind is unknown.', raw: item }
        : known,
    ),
  },
  {
    rule: 'garbage-isolated',
    what: 'rejects a whole batch because of one number',
    subject: parsing((original, request) => {
      const parsed = original(request);
      if (parsed.some((one) => !one.ok && typeof one.raw === 'number')) throw new MalformedWebhookError('A number.');
      return parsed;
    }),
  },
  {
    rule: 'garbage-isolated',
    what: 'drops items that it cannot parse',
    subject: parsing((original, request) => original(request).filter((one) => one.ok || one.raw === null)),
  },
  {
    rule: 'empty-is-nothing',
    what: 'treats an empty body as malformed',
    subject: parsing((original, request) => {
      if (textOf(request) === '') throw new MalformedWebhookError('The body is empty.');
      return original(request);
    }),
  },
  {
    rule: 'parse-throws-malformed-only',
    what: 'throws the error of JSON.parse',
    subject: parsing((original, request) => {
      if (textOf(request).startsWith('[')) JSON.parse(textOf(request));
      return original(request);
    }),
  },
  {
    rule: 'parse-pure',
    what: 'reads the clock',
    subject: changingOutcomes((known, item) =>
      Date.now() - (known.event.occurredAt?.getTime() ?? Infinity) > FIVE_YEARS_MS
        ? { ok: false, reason: 'The event is too old.', raw: item }
        : known,
    ),
  },
  {
    rule: 'parse-pure',
    what: 'modifies the bytes that it parses',
    subject: parsing((original, request) => {
      const parsed = original(request);
      if (request.body.length > 0) request.body[0] = 0x20;
      return parsed;
    }),
  },
  {
    rule: 'parse-reads-declared',
    what: 'reads a parameter that is not stored',
    subject: parsing((original, request) => (request.query['token'] === 'never' ? [] : original(request))),
  },
  {
    rule: 'nothing-invented',
    what: 'invents a recipient for events without one',
    subject: changingEvents((event) => ({ ...event, recipient: event.recipient ?? 'unknown@recipient.example' })),
  },
  {
    rule: 'raw-kept',
    what: 'parses numbers as doubles',
    subject: parsing((original, request) => original({ ...request, body: Buffer.from(withDoubles(textOf(request))) })),
  },
  {
    rule: 'time-optional',
    what: 'loses an event without a time',
    subject: parsing((original, request) =>
      original(request).map((one) =>
        one.ok && one.event.occurredAt === undefined
          ? { ok: false, reason: 'The item has no time.', raw: one.event.raw }
          : one,
      ),
    ),
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'treats two clicks of one second as one',
    subject: changingOutcomes((known, { id, kind }) =>
      String(id).startsWith('click-') ? { ...known, deduplicationKey: ['click', String(kind)] } : known,
    ),
    alongside: ['fixtures-read'],
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'identifies events only by their kind',
    subject: changingOutcomes((known, { id, kind }) =>
      String(id).length > 10 ? { ...known, deduplicationKey: [String(kind)] } : known,
    ),
    alongside: ['sample-arrives'],
  },
  {
    rule: 'deduplication-keys-differ',
    what: 'identifies events by their id, which several kinds may share',
    subject: changingOutcomes((known, { id }) => ({ ...known, deduplicationKey: [String(id).replace(/^e-\d$/, 'e')] })),
    alongside: ['fixtures-read'],
  },
  {
    rule: 'deduplication-keys-repeat',
    what: 'identifies events by the bytes of the item',
    subject: changingOutcomes((known, item) => ({
      ...known,
      deduplicationKey: Object.keys(item)[0] === 'id' ? known.deduplicationKey : [JSON.stringify(item)],
    })),
  },
  {
    rule: 'deduplication-keys-repeat',
    what: 'identifies events by a value that changes when they are repeated',
    subject: withRepetition(
      changingOutcomes((known, item) =>
        item['attempt'] === 2 ? { ...known, deduplicationKey: [contentDigest(item)] } : known,
      ),
    ),
  },
  {
    rule: 'message-ids-match',
    what: 'returns message ids in another case than `send`',
    subject: changingEvents((event) =>
      event.messageId === undefined ? event : { ...event, messageId: event.messageId.toLowerCase() },
    ),
  },
  {
    rule: 'sender-data-returns',
    what: 'loses metadata with special characters',
    subject: changingEvents(({ metadata = {}, ...event }) => {
      const kept = Object.entries(metadata).filter(([, value]) => /^[\w-]*$/.test(value));
      return kept.length === 0 ? event : { ...event, metadata: Object.fromEntries(kept) };
    }),
  },
];

/** The vendor includes the attempt in what it repeats. */
function withRepetition(subject: ReturnType<typeof faulty>): ReturnType<typeof faulty> {
  const { webhook } = subject;
  if (webhook === undefined) return subject;
  return { ...subject, webhook: { ...webhook, repeated: (item) => ({ ...item, attempt: 2 }) } };
}
