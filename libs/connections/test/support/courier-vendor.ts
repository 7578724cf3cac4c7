import {
  Adapter,
  type AdapterCapabilities,
  type BatchResult,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailEvent,
  type EmailMessage,
  recipientsOf,
  type SendResult,
  SettingsField,
  type WebhookReceiver,
} from '@score-crm/adapter-kit';
import { IsNotEmpty, IsString } from 'class-validator';
import { PASSED } from './fake-vendor.ts';

export class CourierSettings {
  @SettingsField({ label: 'Password', secret: true })
  @IsString()
  @IsNotEmpty()
  password!: string;
}

export interface SendCall {
  readonly message: EmailMessage;
  readonly settings: CourierSettings;
  readonly options: CallOptions;
}

const CAPABILITIES: AdapterCapabilities = {
  webhooks: 'shared-secret',
  events: ['sent', 'delivered', 'bounced', 'opened'],
  attachments: true,
  inlineImages: true,
  customHeaders: true,
  tags: true,
  metadata: false,
  scheduling: true,
};

/** Posts events as JSON, without any metadata; whatever is posted is believed, except a number, which is no event. */
const WEBHOOKS: WebhookReceiver = {
  authentication: 'shared-secret',
  bodyLimit: 1 << 20,
  authenticateHead: () => 'verified',
  authenticate: () => 'verified',
  parse: ({ body }) => {
    const events = JSON.parse(Buffer.from(body).toString()) as Omit<EmailEvent, 'occurredAt' | 'raw'>[];
    return events.map((event, index) => {
      if (typeof event === 'number') return { ok: false, reason: 'The item is a number.', raw: event };
      return {
        ok: true,
        event: { ...event, occurredAt: new Date(1_755_444_161_000), raw: event },
        deduplicationKey: [event.kind, event.messageId ?? '', event.recipient ?? '', index],
      };
    });
  },
  setupInstructions: () => [],
};

/** Takes messages, keeps them, and answers as a test tells it to. Its events carry no metadata. */
@Adapter({ vendor: 'courier', displayName: 'Courier' })
export class CourierAdapter implements EmailAdapter<CourierSettings> {
  readonly settings = CourierSettings;
  readonly capabilities: AdapterCapabilities = CAPABILITIES;
  readonly webhooks = WEBHOOKS;
  readonly calls: SendCall[] = [];
  answer: (call: SendCall) => Promise<SendResult> = async ({ message }) => this.acceptAll(message);

  async diagnose(): Promise<Diagnosis> {
    return PASSED;
  }

  send(message: EmailMessage, settings: CourierSettings, options: CallOptions = {}): Promise<SendResult> {
    const call = { message, settings, options };
    this.calls.push(call);
    return this.answer(call);
  }

  acceptAll(message: EmailMessage): SendResult {
    return { messageId: `parcel-${String(this.calls.length)}`, accepted: recipientsOf(message), rejected: [] };
  }
}

/** One that takes metadata along. */
@Adapter({ vendor: 'tagger', displayName: 'Tagger' })
export class TaggerAdapter extends CourierAdapter {
  override readonly capabilities = { ...CAPABILITIES, metadata: true };
}

/** One that takes neither metadata nor headers. */
@Adapter({ vendor: 'plain', displayName: 'Plain' })
export class PlainAdapter extends CourierAdapter {
  override readonly capabilities = { ...CAPABILITIES, customHeaders: false };
}

export type BatchCall = readonly EmailMessage[];

/** One that takes up to 5 messages with the same text together. */
@Adapter({ vendor: 'shipper', displayName: 'Shipper' })
export class ShipperAdapter extends CourierAdapter {
  override readonly capabilities = { ...CAPABILITIES, maxBatch: 5, metadata: true };
  readonly batches: BatchCall[] = [];
  answerBatch: (messages: BatchCall) => Promise<readonly BatchResult[]> = async (messages) =>
    messages.map((message) => ({ result: this.acceptAll(message) }));
  batchKey = ({ text = '' }: EmailMessage): string => text;

  readonly passwords: string[] = [];

  sendBatch(messages: BatchCall, { password }: CourierSettings): Promise<readonly BatchResult[]> {
    this.batches.push(messages);
    this.passwords.push(password);
    return this.answerBatch(messages);
  }
}

export const COURIERS = [CourierAdapter, TaggerAdapter, PlainAdapter, ShipperAdapter];
