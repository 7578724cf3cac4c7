import {
  Adapter,
  ApiAdapter,
  base64Of,
  basicVerdict,
  type CallOptions,
  contentDigest,
  type EmailMessage,
  type ErrorMap,
  type EventMap,
  HttpClient,
  isJsonObject,
  type JsonItem,
  mapEvent,
  type MessageRules,
  objectIn,
  objectsIn,
  omitEmpty,
  type ParsedEvent,
  parseJsonBatch,
  type PointerTable,
  reconcileWebhook,
  recipientsOf,
  rejectedMember,
  rfc3339Time,
  type SendResult,
  SettingsField,
  type SetupInstruction,
  textOf,
  textsOf,
  VendorApi,
  VendorEndpoints,
  type VendorFault,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
  type WebhookVerdict,
  wireMessage,
} from '@score-crm/adapter-kit';
import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';

export class ExampleSettings {
  @SettingsField({ label: 'API key', help: 'A key with permission to send.', secret: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  apiKey!: string;

  @SettingsField({ label: 'Region', bindsSecret: true })
  @IsIn(['us', 'eu'])
  region: 'us' | 'eu' = 'us';

  @SettingsField({ label: 'Webhook password', secret: true, inboundOnly: true, generated: true })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  webhookPassword?: string;
}

const ERRORS: ErrorMap = [
  { on: 401, hint: 'Example Mail rejected the API key. Enter a valid one.' },
  { vendorCode: 'no_credits', code: 'quota_exceeded', fault: 'configuration', hint: 'No credits are left. Buy more.' },
  { on: 422, derive: rejectedMember('Example Mail') },
];
const POINTERS: PointerTable = [[/^recipients\.(\d+)\.address$/, 'to.$1.email']];

class ExampleApi extends VendorApi<ExampleSettings> {
  readonly vendor = 'example';
  readonly displayName = 'Example Mail';
  protected readonly errors = ERRORS;
  protected override readonly pointers = POINTERS;

  protected origin({ region }: ExampleSettings): string {
    return `https://${region}.api.example.com`;
  }

  protected headers({ apiKey }: ExampleSettings): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${apiKey}` };
  }

  protected override faultsIn(body: unknown): readonly VendorFault[] {
    const errors = isJsonObject(body) ? objectsIn(body['errors']) : [];
    return errors.map((error) => ({
      message: textOf(error, 'message') ?? '',
      field: textOf(error, 'field') ?? '',
      code: textOf(error, 'code') ?? '',
    }));
  }
}

const RULES: MessageRules<ExampleSettings> = {
  vendor: 'Example Mail',
  recipients: 100,
  bytes: 10_000_000,
  tags: { max: 1, characters: 100 },
  metadata: { entries: 10 },
};

async function sendMessage(
  api: ExampleApi,
  settings: ExampleSettings,
  message: EmailMessage,
  { signal }: CallOptions,
): Promise<SendResult> {
  const { attachments = [], ...members } = wireMessage(message);
  const files = attachments.map((file) => ({ ...file, content: base64Of(file) }));
  const body = omitEmpty({ ...members, attachments: files });
  const call = { method: 'POST', path: '/messages', body, signal } as const;
  const messageId = await api.read(settings, call, (json) => textOf(json, 'id'), 'so it may not have been sent');
  return { messageId, accepted: recipientsOf(message), rejected: [] };
}

const EVENTS: EventMap = {
  name: 'type',
  kinds: new Map([
    ['delivery', 'delivered'],
    ['bounce', 'bounced'],
    ['open', 'opened'],
  ]),
  time: (item) => rfc3339Time(textOf(item, 'time')),
  recipient: 'recipient',
  messageId: 'message_id',
  bounce: (item) => ({ class: item['permanent'] === true ? 'hard' : 'soft' }),
  metadata: (item) => textsOf(objectIn(item, 'metadata')),
  deduplicationKey: (item, { name }) => [name, textOf(item, 'id') ?? contentDigest(item)],
};

const USER = 'crm';

class ExampleWebhooks implements WebhookReceiver<ExampleSettings> {
  readonly authentication = 'shared-secret';
  readonly bodyLimit = 1_000_000;

  constructor(readonly registration: WebhookRegistration<ExampleSettings>) {}

  authenticateHead({ headers }: WebhookHead, { webhookPassword = '' }: ExampleSettings): WebhookVerdict {
    return webhookPassword === '' ? 'not_configured' : basicVerdict(headers['authorization'], USER, webhookPassword);
  }

  authenticate(request: WebhookRequest, settings: ExampleSettings): WebhookVerdict {
    return this.authenticateHead(request, settings);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parseJsonBatch(body, (item) => mapEvent(item, EVENTS));
  }

  setupInstructions(url: string): readonly SetupInstruction[] {
    return [{ title: 'Add a webhook', text: 'Log in to Example Mail, open Webhooks and paste this URL.', value: url }];
  }
}

interface Entry {
  readonly id: string;
  readonly url: string;
}

function exampleRegistration(api: ExampleApi): WebhookRegistration<ExampleSettings> {
  const pathOf = (id: string): string => `/webhooks/${encodeURIComponent(id)}`;
  return reconcileWebhook<ExampleSettings, Entry, object>({
    vendor: 'Example Mail',
    list: ({ settings, signal }) =>
      api.read(settings, { method: 'GET', path: '/webhooks', signal }, ({ webhooks }) =>
        objectsIn(webhooks).map((entry) => ({ id: textOf(entry, 'id') ?? '', url: textOf(entry, 'url') ?? '' })),
      ),
    isOurs: ({ id, url }, { target }) => id === target.vendorId || url === target.url,
    desired: ({ target: { url }, settings }) => [{ url, username: USER, password: settings.webhookPassword }],
    create: async (body, { settings, signal }) => {
      const call = { method: 'POST', path: '/webhooks', body, signal } as const;
      return { vendorId: await api.read(settings, call, (entry) => textOf(entry, 'id')) };
    },
    update: async ({ id }, body, { settings, signal }) => {
      await api.call(settings, { method: 'PUT', path: pathOf(id), body, signal });
      return { vendorId: id };
    },
    remove: async ({ id }, { settings, signal }) => {
      await api.call(settings, { method: 'DELETE', path: pathOf(id), signal });
    },
    driftOf: ([{ url }], _all, { target }) => (url === target.url ? [] : ['Example Mail posts to a different URL.']),
  });
}

@Adapter({ vendor: 'example', displayName: 'Example Mail', docsUrl: 'https://docs.example.com' })
export class ExampleAdapter extends ApiAdapter<ExampleSettings, ExampleApi, JsonItem> {
  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new ExampleApi(http, endpoints);
    super(api, {
      settings: ExampleSettings,
      rules: RULES,
      send: sendMessage,
      diagnosis: {
        account: ({ settings, signal }) => api.object(settings, { method: 'GET', path: '/account', signal }),
      },
      webhooks: new ExampleWebhooks(exampleRegistration(api)),
      events: EVENTS.kinds.values(),
    });
  }
}
