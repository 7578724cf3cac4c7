import {
  Adapter,
  type AdapterCapabilities,
  type CallOptions,
  type Diagnosis,
  type EmailAdapter,
  type EmailMessage,
  HttpClient,
  type Probe,
  type SendResult,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import { SparkpostApi } from './api/sparkpost-api.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { LIMITS } from './message/limits.ts';
import { sendMessage } from './message/send-message.ts';
import { SparkpostSettings } from './settings/sparkpost.settings.ts';
import { REPORTED_KINDS } from './webhooks/reported-kinds.ts';
import { SparkpostRegistration } from './registration/sparkpost.registration.ts';
import { SparkpostWebhooks } from './webhooks/sparkpost.webhooks.ts';

/** Sends through SparkPost's v1 API; receives events from its event webhooks. */
@Adapter({
  vendor: 'sparkpost',
  displayName: 'SparkPost',
  docsUrl: 'https://developers.sparkpost.com/api',
  senderUrl: 'https://app.sparkpost.com/domains/list/sending',
})
export class SparkpostAdapter implements EmailAdapter<SparkpostSettings> {
  readonly settings = SparkpostSettings;
  readonly webhooks: SparkpostWebhooks;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'shared-secret',
    events: REPORTED_KINDS,
    maxRecipients: LIMITS.recipients,
    maxMessageBytes: LIMITS.contentBytes,
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: true,
    metadata: true,
    scheduling: true,
  };

  private readonly api: SparkpostApi;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    this.api = new SparkpostApi(http, endpoints);
    this.webhooks = new SparkpostWebhooks(new SparkpostRegistration(this.api));
  }

  diagnose(settings: SparkpostSettings, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose(this.api, settings, probe, options);
  }

  async send(message: EmailMessage, settings: SparkpostSettings, options: CallOptions = {}): Promise<SendResult> {
    return sendMessage(this.api, message, settings, options.signal);
  }
}
