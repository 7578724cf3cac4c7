import {
  MalformedWebhookError,
  type ParsedEvent,
  parseJsonBatch,
  type SetupInstruction,
  type WebhookHead,
  type WebhookHeadVerdict,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import { parseEvent } from './model-events.ts';
import { type ModelAuthentication, signedToken } from './model-authentications.ts';
import type { ModelSettings } from './model.settings.ts';

export class ModelWebhooks implements WebhookReceiver<ModelSettings> {
  readonly authentication: ModelAuthentication['authentication'];
  readonly bodyLimit = 1 << 20;
  readonly parameters: readonly string[] = ['stream'];

  constructor(
    protected readonly way: ModelAuthentication,
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

  parse(request: WebhookRequest): readonly ParsedEvent[] {
    const { stream } = request.query;
    const parseItem = (item: unknown): ParsedEvent => parseEvent(item, typeof stream === 'string' ? stream : '');
    return this.way === signedToken ? parsePost(request, parseItem) : parseJsonBatch(request.body, parseItem);
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
function parsePost({ body }: WebhookRequest, parseItem: (item: unknown) => ParsedEvent): readonly ParsedEvent[] {
  // Of the two supported forms, only the object is used here.
  if (Buffer.from(body).toString().trim().startsWith('[') && parseJsonBatch(body, parseItem).length > 0) {
    throw new MalformedWebhookError('The body is not a webhook request.');
  }
  const isPing = (parsed: ParsedEvent): boolean => !parsed.ok && parsed.raw === undefined;
  return parseJsonBatch(body, (post) => parseItem((post as { readonly event?: unknown }).event)).filter(
    (parsed) => !isPing(parsed),
  );
}
