import { Adapter, ApiAdapter, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import { MailgunApi } from './mailgun.api.ts';
import { type Account, DIAGNOSIS } from './mailgun.diagnosis.ts';
import { BATCH, RULES } from './mailgun.message.ts';
import { mailgunRegistration } from './mailgun.registration.ts';
import { MailgunSettings } from './mailgun.settings.ts';
import { EVENT_KINDS, mailgunWebhooks } from './mailgun.webhooks.ts';

/** Sends through Mailgun's HTTP API; receives events from its signed webhooks. */
@Adapter({
  vendor: 'mailgun',
  displayName: 'Mailgun',
  docsUrl: 'https://documentation.mailgun.com',
  senderUrl: 'https://app.mailgun.com/mg/sending/domains',
})
export class MailgunAdapter extends ApiAdapter<MailgunSettings, MailgunApi, Account> {
  declare readonly webhooks: ReturnType<typeof mailgunWebhooks>;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new MailgunApi(http, endpoints);
    super(api, {
      settings: MailgunSettings,
      rules: RULES,
      batch: BATCH,
      diagnosis: DIAGNOSIS,
      webhooks: mailgunWebhooks(mailgunRegistration(api)),
      events: EVENT_KINDS.values(),
    });
  }
}
