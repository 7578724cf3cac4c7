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
import { SendgridApi } from './api/sendgrid-api.ts';
import { diagnose } from './diagnosis/diagnose.ts';
import { checkMessage } from './message/check-message.ts';
import { LIMITS } from './message/limits.ts';
import { mailData } from './message/mail-data.ts';
import { sendMail } from './message/send-mail.ts';
import { sendResult } from './message/send-result.ts';
import { SendgridRegistration } from './registration/sendgrid.registration.ts';
import { SendgridSettings } from './settings/sendgrid.settings.ts';
import { EVENT_KINDS } from './webhooks/event-kinds.ts';
import { SendgridWebhooks } from './webhooks/sendgrid.webhooks.ts';

/** Sends through the Twilio SendGrid v3 Web API; receives events from its signed Event Webhook. */
@Adapter({
  vendor: 'sendgrid',
  displayName: 'SendGrid',
  docsUrl: 'https://www.twilio.com/docs/sendgrid',
  senderUrl: 'https://app.sendgrid.com/settings/sender_auth',
})
export class SendgridAdapter implements EmailAdapter<SendgridSettings> {
  readonly settings = SendgridSettings;
  readonly webhooks: SendgridWebhooks;
  readonly capabilities: AdapterCapabilities = {
    webhooks: 'signature',
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

  private readonly api: SendgridApi;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    this.api = new SendgridApi(http, endpoints);
    this.webhooks = new SendgridWebhooks(new SendgridRegistration(this.api));
  }

  diagnose(settings: SendgridSettings, probe: Probe, options: CallOptions = {}): Promise<Diagnosis> {
    return diagnose(this.api, settings, probe, options);
  }

  async send(message: EmailMessage, settings: SendgridSettings, options: CallOptions = {}): Promise<SendResult> {
    checkMessage(message);
    return sendResult(message, await sendMail(this.api, settings, mailData(message), options.signal));
  }
}
