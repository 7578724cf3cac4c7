import { Adapter, ApiAdapter, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import { SendgridApi } from './sendgrid.api.ts';
import { DIAGNOSIS } from './sendgrid.diagnosis.ts';
import { BATCH, RULES } from './sendgrid.message.ts';
import { sendgridRegistration } from './sendgrid.registration.ts';
import { SendgridSettings } from './sendgrid.settings.ts';
import { KINDS, sendgridWebhooks } from './sendgrid.webhooks.ts';

/** Sends through the Twilio SendGrid v3 Web API; receives events from its signed Event Webhook. */
@Adapter({
  vendor: 'sendgrid',
  displayName: 'SendGrid',
  docsUrl: 'https://www.twilio.com/docs/sendgrid',
  senderUrl: 'https://app.sendgrid.com/settings/sender_auth',
})
export class SendgridAdapter extends ApiAdapter<SendgridSettings, SendgridApi, ReadonlySet<string>> {
  declare readonly webhooks: ReturnType<typeof sendgridWebhooks>;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new SendgridApi(http, endpoints);
    super(api, {
      settings: SendgridSettings,
      rules: RULES,
      batch: BATCH,
      diagnosis: DIAGNOSIS,
      webhooks: sendgridWebhooks(sendgridRegistration(api)),
      events: KINDS.values(),
    });
  }
}
