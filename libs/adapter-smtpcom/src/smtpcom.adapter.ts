import { Adapter, ApiAdapter, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import { SmtpcomApi } from './smtpcom.api.ts';
import { type Account, DIAGNOSIS } from './smtpcom.diagnosis.ts';
import { RULES, sendMessage } from './smtpcom.message.ts';
import { smtpcomRegistration } from './smtpcom.registration.ts';
import { SmtpcomSettings } from './smtpcom.settings.ts';
import { EVENT_KINDS, smtpcomWebhooks } from './smtpcom.webhooks.ts';

/** Sends through SMTP.com's API v4; receives events from its callbacks. */
@Adapter({
  vendor: 'smtpcom',
  displayName: 'SMTP.com',
  docsUrl: 'https://www.smtp.com/resources/api-documentation/',
  senderUrl: 'https://my.smtp.com',
})
export class SmtpcomAdapter extends ApiAdapter<SmtpcomSettings, SmtpcomApi, Account> {
  declare readonly webhooks: ReturnType<typeof smtpcomWebhooks>;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new SmtpcomApi(http, endpoints);
    super(api, {
      settings: SmtpcomSettings,
      rules: RULES,
      send: sendMessage,
      diagnosis: DIAGNOSIS,
      webhooks: smtpcomWebhooks(smtpcomRegistration(api)),
      events: EVENT_KINDS,
    });
  }
}
