import { randomUUID } from 'node:crypto';
import {
  Adapter,
  type AdapterCapabilities,
  AdapterError,
  type AdapterErrorDetails,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  type EventKind,
  type EventMap,
  mapEvent,
  objectIn,
  parseJsonBatch,
  type Probe,
  recipientsOf,
  rfc3339Time,
  runDiagnosis,
  secretVerdict,
  type SendResult,
  SettingsField,
  testMessage,
  textOf,
  textsOf,
  type WebhookReceiver,
} from '@score-crm/adapter-kit';
import { scenarioOf, type SimulatedEvent } from '@score-crm/adapter-kit/sandbox';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { CONNECTION_ID_METADATA } from '../events/event-record.ts';
import { WebhookIngest } from '../webhooks/webhook-ingest.ts';

/** The API key that the simulated vendor rejects. All others are accepted. */
export const WRONG_API_KEY = 'wrong';

export class SimulatedSettings {
  @SettingsField({ label: 'API key', help: 'Any text. The key “wrong” is rejected.', secret: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  apiKey!: string;
}

/** A message that the simulated vendor accepted. */
export interface SimulatedEmail {
  readonly messageId: string;
  /** Undefined for the message of a connection test. */
  readonly connectionId: string | undefined;
  readonly message: EmailMessage;
}

const VENDOR = 'simulated';
const KEY_HEADER = 'x-simulated-key';
const KINDS: readonly EventKind[] = [
  'queued',
  'delivered',
  'deferred',
  'bounced',
  'rejected',
  'opened',
  'clicked',
  'complained',
  'unsubscribed',
];

const BOUNCE_CLASSES = ['hard', 'soft', 'block'] as const;

const EVENTS: EventMap = {
  name: 'kind',
  kinds: new Map(KINDS.map((kind) => [kind, kind])),
  time: (item) => rfc3339Time(textOf(item, 'at')),
  recipient: 'recipient',
  messageId: 'messageId',
  bounce: (item) => ({
    class: BOUNCE_CLASSES.find((each) => each === item['class']) ?? 'unknown',
    ...(typeof item['code'] === 'number' ? { code: item['code'] } : {}),
    reason: textOf(item, 'text') ?? 'Rejected by the vendor',
  }),
  reply: 'text',
  url: 'url',
  machine: (item) => item['machine'] === true,
  metadata: (item) => textsOf(objectIn(item, 'metadata')),
  deduplicationKey: (item) => [textOf(item, 'id') ?? ''],
};

const WEBHOOKS: WebhookReceiver<SimulatedSettings> = {
  authentication: 'shared-secret',
  bodyLimit: 16 * 1024 * 1024,
  authenticateHead: ({ headers }, { apiKey }) => secretVerdict(headers[KEY_HEADER], apiKey),
  authenticate: ({ headers }, { apiKey }) => secretVerdict(headers[KEY_HEADER], apiKey),
  parse: ({ body }) => parseJsonBatch(body, (item) => mapEvent(item, EVENTS)),
  setupInstructions: () => [],
};

/**
 * A vendor in memory for the tests of applications. It keeps what it accepts, and `deliver` reports what happened to it: the
 * local part of an address selects a scenario, such as `bounce@…`, `softbounce@…`, `block@…`, `defer@…`, `open@…`, `click@…`,
 * `complaint@…` or `unsubscribe@…`. Any other message is delivered.
 */
@Adapter({ vendor: VENDOR, displayName: 'Simulated vendor' })
export class SimulatedVendor implements EmailAdapter<SimulatedSettings> {
  readonly settings = SimulatedSettings;
  readonly webhooks = WEBHOOKS;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'shared-secret',
    events: KINDS,
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: true,
    metadata: true,
    scheduling: true,
  };
  private readonly accepted: { readonly email: SimulatedEmail; readonly apiKey: string }[] = [];
  /** How many of them `deliver` has reported. */
  private reported = 0;
  private readonly failures: AdapterErrorDetails[] = [];

  constructor(private readonly ingest: WebhookIngest) {}

  /** The accepted messages, oldest first. */
  get emails(): readonly SimulatedEmail[] {
    return this.accepted.map(({ email }) => email);
  }

  /**
   * Makes the next message fail; called again, the one after it. With the stage `message` and the fault `vendor`, the outcome of
   * the message is unknown to its sender.
   */
  failNext(details: Partial<AdapterErrorDetails> = {}): void {
    this.failures.push({
      stage: 'message',
      code: 'rate_limited',
      fault: 'vendor',
      retryable: true,
      hint: 'The simulated vendor accepts no messages at the moment.',
      ...details,
    });
  }

  /** Forgets all messages and failures. */
  reset(): void {
    this.accepted.length = 0;
    this.failures.length = 0;
    this.reported = 0;
  }

  async send(message: EmailMessage, { apiKey }: SimulatedSettings): Promise<SendResult> {
    this.authenticate(apiKey);
    const failure = this.failures.shift();
    if (failure !== undefined) throw new AdapterError(failure);
    const email = { messageId: randomUUID(), connectionId: message.metadata?.[CONNECTION_ID_METADATA], message };
    this.accepted.push({ email, apiKey });
    return { messageId: email.messageId, accepted: recipientsOf(message), rejected: [] };
  }

  diagnose(settings: SimulatedSettings, probe: Probe): Promise<Diagnosis> {
    return runDiagnosis(settings, {}, async (report) => {
      report.connected('https://simulated.invalid');
      this.authenticate(settings.apiKey);
      report.authenticated();
      if (probe.to === undefined || probe.to.length === 0) return undefined;
      const sent = await this.send(testMessage(probe, 'The simulated vendor'), settings);
      report.sent();
      return sent;
    });
  }

  /**
   * Posts what happened to the messages since the last call to the webhooks of their connections, as a vendor does later.
   * Resolves when the events are stored.
   */
  async deliver(): Promise<void> {
    const emails = this.accepted.slice(this.reported);
    this.reported = this.accepted.length;
    const connections = new Map(emails.map(({ email, apiKey }) => [email.connectionId, apiKey]));
    for (const [connectionId, apiKey] of connections) {
      if (connectionId === undefined) continue;
      const own = emails.filter(({ email }) => email.connectionId === connectionId);
      const body = Buffer.from(JSON.stringify(own.flatMap(({ email }) => eventsOf(email))));
      const request = { headers: { [KEY_HEADER]: apiKey }, query: {}, body };
      await this.ingest.receive(await this.ingest.preflight(VENDOR, connectionId, request, body.length), request);
    }
  }

  private authenticate(apiKey: string): void {
    if (apiKey !== WRONG_API_KEY) return;
    throw new AdapterError({
      stage: 'authenticate',
      code: 'authentication_failed',
      fault: 'configuration',
      retryable: false,
      hint: 'The simulated vendor rejected the API key. Enter any other.',
      pointer: '/settings/apiKey',
    });
  }
}

/** The items of a webhook request about a message: for each recipient, the steps of its scenario, in order. */
function eventsOf({ messageId, message }: SimulatedEmail): readonly object[] {
  const { metadata = {} } = message;
  return recipientsOf(message).flatMap((recipient) =>
    scenarioOf(recipient).map((step: SimulatedEvent) => ({
      id: randomUUID(),
      at: new Date().toISOString(),
      recipient,
      messageId,
      metadata,
      ...step,
    })),
  );
}
