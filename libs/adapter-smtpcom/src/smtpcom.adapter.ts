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
import { SmtpcomApi } from './api/smtpcom-api.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { LIMITS } from './message/limits.ts';
import { sendMessage } from './message/send-message.ts';
import { SmtpcomRegistration } from './registration/smtpcom.registration.ts';
import { SmtpcomSettings } from './settings/smtpcom.settings.ts';
import { SmtpcomWebhooks } from './webhooks/smtpcom.webhooks.ts';
import { EVENT_KINDS } from './webhooks/vendor-events.ts';

/** Sends through SMTP.com's API v4; receives events from its callbacks. */
@Adapter({
  vendor: 'smtpcom',
  displayName: 'SMTP.com',
  docsUrl: 'https://www.smtp.com/resources/api-documentation/',
  senderUrl: 'https://my.smtp.com',
})
export class SmtpcomAdapter implements EmailAdapter<SmtpcomSettings> {
  readonly settings = SmtpcomSettings;
  readonly webhooks: SmtpcomWebhooks;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'shared-secret',
    events: EVENT_KINDS,
    maxRecipients: LIMITS.recipients,
    maxMessageBytes: LIMITS.bytes,
    attachments: true,
    inlineImages: true,
    customHeaders: true,
    tags: false,
    metadata: true,
    scheduling: false,
  };

  private readonly api: SmtpcomApi;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    this.api = new SmtpcomApi(http, endpoints);
    this.webhooks = new SmtpcomWebhooks(new SmtpcomRegistration(this.api));
  }

  diagnose(settings: SmtpcomSettings, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose(this.api, settings, probe, options);
  }

  send(message: EmailMessage, settings: SmtpcomSettings, options: CallOptions = {}): Promise<SendResult> {
    return sendMessage(this.api, settings, message, options.signal);
  }
}
