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
import { MailgunApi } from './api/mailgun-api.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { LIMITS } from './message/limits.ts';
import { sendMessage } from './message/send-message.ts';
import { MailgunRegistration } from './registration/mailgun.registration.ts';
import { MailgunSettings } from './settings/mailgun.settings.ts';
import { EVENT_KINDS } from './webhooks/event-kinds.ts';
import { MailgunWebhooks } from './webhooks/mailgun.webhooks.ts';

/** Sends through Mailgun's HTTP API; receives events from its signed webhooks. */
@Adapter({
  vendor: 'mailgun',
  displayName: 'Mailgun',
  docsUrl: 'https://documentation.mailgun.com',
  senderUrl: 'https://app.mailgun.com/mg/sending/domains',
})
export class MailgunAdapter implements EmailAdapter<MailgunSettings> {
  readonly settings = MailgunSettings;
  readonly webhooks: MailgunWebhooks;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'signed-token',
    events: [...new Set(EVENT_KINDS.values())],
    maxRecipients: LIMITS.recipients,
    maxMessageBytes: LIMITS.bytes,
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: true,
    metadata: true,
    scheduling: true,
  };

  private readonly api: MailgunApi;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    this.api = new MailgunApi(http, endpoints);
    this.webhooks = new MailgunWebhooks(new MailgunRegistration(this.api));
  }

  diagnose(settings: MailgunSettings, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose(this.api, settings, probe, options);
  }

  send(message: EmailMessage, settings: MailgunSettings, options: CallOptions = {}): Promise<SendResult> {
    return sendMessage(this.api, settings, message, options.signal);
  }
}
