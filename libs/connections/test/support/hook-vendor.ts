import {
  Adapter,
  AdapterError,
  type AdapterCapabilities,
  type Diagnosis,
  type EmailAdapter,
  type ParsedEvent,
  parseJsonBatch,
  type Registered,
  type RegistrationStatus,
  type RegistrationTarget,
  sameSecret,
  type SendResult,
  SettingsField,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { PASSED } from './fake-vendor.ts';

export class HookSettings {
  @SettingsField({ label: 'API key', secret: true })
  @IsString()
  @IsNotEmpty()
  apiKey!: string;

  @SettingsField({ label: 'Webhook token', secret: true, inboundOnly: true, generated: true })
  @IsOptional()
  @IsString()
  token?: string;

  @SettingsField({ label: 'Verification key', secret: true, inboundOnly: true })
  @IsOptional()
  @IsString()
  verificationKey?: string;
}

function verdict({ query }: WebhookHead, { token }: HookSettings): WebhookVerdict {
  if (token === undefined) return 'not_configured';
  if (query['token'] === undefined) return 'missing';
  return typeof query['token'] === 'string' && sameSecret(query['token'], token) ? 'verified' : 'invalid';
}

interface Call {
  readonly call: 'register' | 'status' | 'unregister' | 'test';
  readonly target: RegistrationTarget;
  readonly settings: HookSettings;
}

/** A vendor whose webhook bears a token in its URL, and whose API registers it. A test says what the API does. */
@Adapter({ vendor: 'hook', displayName: 'Hook' })
export class HookAdapter implements EmailAdapter<HookSettings> {
  readonly settings = HookSettings;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'shared-secret',
    events: ['delivered', 'opened'],
    attachments: false,
    inlineImages: false,
    customHeaders: false,
    tags: false,
    metadata: false,
    scheduling: false,
  };
  readonly calls: Call[] = [];
  onRegister: (call: Call) => Promise<Registered<HookSettings>> = async () => ({ vendorId: 'entry-1' });
  onCall: (call: Call) => Promise<void> = async () => undefined;
  answer: RegistrationStatus = { state: 'registered' };

  readonly webhooks: WebhookReceiver<HookSettings> = {
    authentication: 'shared-secret',
    bodyLimit: 1_000_000,
    parameters: ['event'],
    authenticateHead: verdict,
    authenticate: verdict,
    parse: ({ body, query }) => parseJsonBatch(body, (item) => parsed(item, query['event'])),
    address: (url, { token = '' }) => `${url}?token=${encodeURIComponent(token)}`,
    setupInstructions: (url, { token = '' }) => [
      { title: 'Paste it', text: 'Paste the URL.', value: `${url}?token=${token}` },
    ],
    registration: {
      register: async (target, settings) => {
        const call = { call: 'register' as const, target, settings };
        this.calls.push(call);
        return this.onRegister(call);
      },
      status: async (target, settings) => {
        await this.note({ call: 'status', target, settings });
        return this.answer;
      },
      unregister: (target, settings) => this.note({ call: 'unregister', target, settings }),
      test: (target, settings) => this.note({ call: 'test', target, settings }),
    },
  };

  async diagnose(): Promise<Diagnosis> {
    return PASSED;
  }

  async send(): Promise<SendResult> {
    throw new Error('Not part of these tests.');
  }

  private async note(call: Call): Promise<void> {
    this.calls.push(call);
    await this.onCall(call);
  }
}

/** The vendor refuses, and repeats the key in its words. */
export function refusal(reply: string): AdapterError {
  const hint = 'The key may not do this.';
  return new AdapterError({
    stage: 'webhook',
    code: 'permission_denied',
    fault: 'configuration',
    retryable: false,
    hint,
    reply,
  });
}

function parsed(item: unknown, name: unknown): ParsedEvent {
  const { id, at } = item as { id: string; at: string };
  const kind = name === 'opened' ? 'opened' : 'delivered';
  const event = { kind, occurredAt: new Date(at), recipient: 'ada@recipient.example', raw: { id, name } } as const;
  return { ok: true, event, deduplicationKey: [id] };
}
