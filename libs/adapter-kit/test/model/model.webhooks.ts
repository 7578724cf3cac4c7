import {
  type Bounce,
  type BounceClass,
  contentDigest,
  type EventMap,
  type JsonItem,
  MalformedWebhookError,
  mapEvent,
  objectIn,
  omitUndefined,
  type ParsedEvent,
  parseJsonBatch,
  type SampleCall,
  type SampleEvent,
  sampleRequest,
  type SetupInstruction,
  textOf,
  textsOf,
  unixTime,
  type WebhookHead,
  type WebhookHeadVerdict,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
  type WebhookSample,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import { type ModelAuthentication, signedToken } from './model-authentications.ts';
import type { ModelSettings } from './model.settings.ts';

export const EVENTS: EventMap = {
  name: 'kind',
  kinds: new Map([
    ['accepted', 'queued'],
    ['delivered', 'delivered'],
    ['delayed', 'deferred'],
    ['bounced', 'bounced'],
    ['refused', 'rejected'],
    ['opened', 'opened'],
    ['clicked', 'clicked'],
    ['complained', 'complained'],
    ['unsubscribed', 'unsubscribed'],
  ]),
  time: ({ at }) => unixTime(typeof at === 'number' ? at : undefined),
  recipient: 'to',
  messageId: 'message',
  vendorEventId: 'id',
  bounce: (item, { kind }) => (kind === 'bounced' ? bounceOf(item) : undefined),
  url: 'url',
  machine: ({ machine }) => (typeof machine === 'boolean' ? machine : undefined),
  metadata: (item) => textsOf(objectIn(item, 'metadata')),
  // An id is repeated with its event. Several kinds of event can share an id.
  deduplicationKey: (item, { name }) => [textOf(item, 'id') ?? contentDigest(item), name],
};

export class ModelWebhooks implements WebhookReceiver<ModelSettings> {
  readonly authentication: ModelAuthentication['authentication'];
  readonly bodyLimit = 1 << 20;
  readonly parameters: readonly string[] = ['stream'];

  constructor(
    private readonly way: ModelAuthentication,
    readonly registration: WebhookRegistration<ModelSettings>,
  ) {
    this.authentication = way.authentication;
  }

  authenticateHead(head: WebhookHead, { webhookSecret = '' }: ModelSettings): WebhookHeadVerdict {
    return webhookSecret === '' ? 'not_configured' : this.way.verifyHead(head, webhookSecret);
  }

  authenticate(request: WebhookRequest, { webhookSecret = '' }: ModelSettings): WebhookVerdict {
    return webhookSecret === '' ? 'not_configured' : this.way.verify(request, webhookSecret);
  }

  /** Events of the stream `test` belong to no message. */
  parse({ body, query }: WebhookRequest): readonly ParsedEvent[] {
    const map: EventMap = { ...EVENTS, isTest: () => query['stream'] === 'test' };
    const parseItem = (item: unknown): ParsedEvent => mapEvent(item, map);
    return this.way === signedToken ? parsePost(body, parseItem) : parseJsonBatch(body, parseItem);
  }

  sample({ settings: { webhookSecret = '' }, events }: SampleCall<ModelSettings>): WebhookSample<ModelSettings> {
    const items = events.map(sampleItem);
    const bodies = this.way === signedToken ? items.map((event) => ({ event })) : [items];
    const requests = bodies.map((body) => {
      const request = sampleRequest(body);
      const { headers = {}, ...signed } = this.way.sign(request.body, webhookSecret);
      const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      return { ...request, ...signed, headers: { ...request.headers, ...Object.fromEntries(named) } };
    });
    return { requests };
  }

  setupInstructions(url: string, { webhookSecret = '' }: ModelSettings): readonly SetupInstruction[] {
    return [
      { title: 'Open the webhooks', text: 'Log in to Model Mail and open Webhooks.' },
      { title: 'Add one', text: 'Choose “Add”, paste this address and save.', value: url },
      { title: 'Enter the secret', text: 'Open it again and enter this secret.', value: webhookSecret },
    ];
  }
}

/** `{ token, signature, event }`: one event, or none if the vendor only tests the address. */
function parsePost(body: Uint8Array, parseItem: (item: unknown) => ParsedEvent): readonly ParsedEvent[] {
  // Of the two supported forms, only the object is used here.
  if (Buffer.from(body).toString().trim().startsWith('[') && parseJsonBatch(body, parseItem).length > 0) {
    throw new MalformedWebhookError('The body is not a webhook request.');
  }
  return parseJsonBatch(body, (post) => {
    const { event } = post as { readonly event?: unknown };
    return event === undefined ? [] : parseItem(event);
  });
}

function sampleItem({ kind, id, at, recipient, messageId, metadata, reply }: SampleEvent): object {
  const bounce = kind === 'bounced' ? { class: 'hard', code: 550, text: reply } : {};
  return { kind, id, at: at.getTime() / 1000, to: recipient, message: messageId, metadata, ...bounce };
}

function bounceOf(item: JsonItem): Bounce {
  const { code } = item;
  const known: readonly BounceClass[] = ['hard', 'soft', 'block'];
  return {
    class: known.find((one) => one === item['class']) ?? 'unknown',
    ...(typeof code === 'number' ? { code } : {}),
    ...omitUndefined('reason', textOf(item, 'text')),
  };
}
