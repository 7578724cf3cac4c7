import { Adapter, ApiAdapter, HttpClient, VendorEndpoints } from '@score-crm/adapter-kit';
import { SparkpostApi } from './sparkpost.api.ts';
import { DIAGNOSIS } from './sparkpost.diagnosis.ts';
import { BATCH, RULES } from './sparkpost.message.ts';
import { sparkpostRegistration } from './sparkpost.registration.ts';
import { SparkpostSettings } from './sparkpost.settings.ts';
import { REPORTED_KINDS, sparkpostWebhooks } from './sparkpost.webhooks.ts';

/** Sends through SparkPost's v1 API; receives events from its event webhooks. */
@Adapter({
  vendor: 'sparkpost',
  displayName: 'SparkPost',
  docsUrl: 'https://developers.sparkpost.com/api',
  senderUrl: 'https://app.sparkpost.com/domains/list/sending',
})
export class SparkpostAdapter extends ApiAdapter<SparkpostSettings, SparkpostApi, string> {
  declare readonly webhooks: ReturnType<typeof sparkpostWebhooks>;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new SparkpostApi(http, endpoints);
    super(api, {
      settings: SparkpostSettings,
      rules: RULES,
      batch: BATCH,
      diagnosis: DIAGNOSIS,
      webhooks: sparkpostWebhooks(sparkpostRegistration(api)),
      events: REPORTED_KINDS,
    });
  }
}
