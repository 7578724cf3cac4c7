import {
  Adapter,
  type AdapterCapabilities,
  AdapterError,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  HttpClient,
  type HttpResponse,
  type Probe,
  recipientsOf,
  type SendResult,
  type SettingsPreset,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import type { Type } from '@nestjs/common';
import { ModelApi } from './model-api.ts';
import { diagnose } from './model-diagnosis.ts';
import { EVENT_KINDS } from './model-events.ts';
import { checkMessage, LIMITS, messageJson } from './model-message.ts';
import { type ModelAuthentication, sharedSecret, signature, signedToken } from './model-authentications.ts';
import { ModelRegistration } from './model-registration.ts';
import { ModelWebhooks } from './model-webhooks.ts';
import { ModelSettings } from './model.settings.ts';

/** The smallest adapter that implements the complete contract. */
@Adapter({ vendor: 'model', displayName: 'Model Mail', docsUrl: 'https://docs.model.example' })
export class ModelAdapter implements EmailAdapter<ModelSettings> {
  readonly settings: Type<ModelSettings> = ModelSettings;
  readonly capabilities: AdapterCapabilities;
  readonly presets: readonly SettingsPreset[] = [{ key: 'america', label: 'America', settings: { region: 'us' } }];
  readonly webhooks: ModelWebhooks;
  readonly api: ModelApi;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    this.api = new ModelApi(http, endpoints);
    this.webhooks = new ModelWebhooks(this.way(), new ModelRegistration(this.api));
    this.capabilities = {
      webhooks: this.way().authentication,
      events: [...EVENT_KINDS.values()],
      maxRecipients: LIMITS.recipients,
      maxMessageBytes: LIMITS.bytes,
      attachments: true,
      inlineImages: true,
      customHeaders: true,
      tags: false,
      metadata: true,
      scheduling: false,
    };
  }

  diagnose(settings: ModelSettings, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose({ api: this.api, send: (...call) => this.send(...call) }, settings, probe, options);
  }

  async send(message: EmailMessage, settings: ModelSettings, options: CallOptions = {}): Promise<SendResult> {
    checkMessage(message);
    const { route, pool = '' } = settings;
    const path = route === 'pool' ? `/v1/pools/${encodeURIComponent(pool)}/messages` : '/v1/messages';
    const response = await this.api.call(settings, 'POST', path, messageJson(message), options);
    return { messageId: messageIdOf(response), accepted: recipientsOf(message), rejected: [] };
  }

  protected way(): ModelAuthentication {
    return signature;
  }
}

/** The same vendor, authenticating its requests with a password. */
@Adapter({ vendor: 'model', displayName: 'Model Mail' })
export class SharedSecretModelAdapter extends ModelAdapter {
  protected override way(): ModelAuthentication {
    return sharedSecret;
  }
}

/** The same vendor, authenticating its requests with a token in the body. */
@Adapter({ vendor: 'model', displayName: 'Model Mail' })
export class SignedTokenModelAdapter extends ModelAdapter {
  protected override way(): ModelAuthentication {
    return signedToken;
  }
}

function messageIdOf(response: HttpResponse): string {
  const { id } = (response.json() ?? {}) as { readonly id?: unknown };
  if (typeof id === 'string' && id !== '') return id;
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'vendor',
    retryable: false,
    status: response.status,
    hint: 'The response is not from Model Mail. Check the base URL.',
  });
}
