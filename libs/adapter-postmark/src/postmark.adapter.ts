import { Adapter, ApiAdapter, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import { PostmarkApi } from './postmark.api.ts';
import { type Account, DIAGNOSIS } from './postmark.diagnosis.ts';
import { BATCH, RULES, sendMessage } from './postmark.message.ts';
import { postmarkRegistration } from './postmark.registration.ts';
import { PostmarkSettings } from './postmark.settings.ts';
import { postmarkWebhooks, REPORTED_KINDS } from './postmark.webhooks.ts';

/** Sends through Postmark's REST API; receives events from its webhooks. */
@Adapter({
  vendor: 'postmark',
  displayName: 'Postmark',
  docsUrl: 'https://postmarkapp.com/developer',
  senderUrl: 'https://account.postmarkapp.com/signature_domains',
})
export class PostmarkAdapter extends ApiAdapter<PostmarkSettings, PostmarkApi, Account> {
  declare readonly webhooks: ReturnType<typeof postmarkWebhooks>;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new PostmarkApi(http, endpoints);
    super(api, {
      settings: PostmarkSettings,
      rules: RULES,
      send: sendMessage,
      batch: BATCH,
      diagnosis: DIAGNOSIS,
      webhooks: postmarkWebhooks(postmarkRegistration(api)),
      events: REPORTED_KINDS,
    });
  }
}
