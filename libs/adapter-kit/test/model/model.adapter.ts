import {
  Adapter,
  ApiAdapter,
  HttpClient,
  type JsonItem,
  type SettingsPreset,
  VendorEndpoints,
} from '@score-crm/adapter-kit';
import { type ModelAuthentication, sharedSecret, signature, signedToken } from './model-authentications.ts';
import { ModelApi } from './model.api.ts';
import { BATCH, RULES, sendMessage } from './model.message.ts';
import { modelRegistration } from './model.registration.ts';
import { ModelSettings } from './model.settings.ts';
import { EVENTS, ModelWebhooks } from './model.webhooks.ts';

/** The smallest adapter that implements the complete contract. */
@Adapter({ vendor: 'model', displayName: 'Model Mail', docsUrl: 'https://docs.model.example' })
export class ModelAdapter extends ApiAdapter<ModelSettings, ModelApi, JsonItem> {
  protected static readonly authentication: ModelAuthentication = signature;
  readonly presets: readonly SettingsPreset[] = [{ key: 'america', label: 'America', settings: { region: 'us' } }];
  declare readonly api: ModelApi;
  declare readonly webhooks: ModelWebhooks;

  constructor(http: HttpClient, endpoints: VendorEndpoints) {
    const api = new ModelApi(http, endpoints);
    super(api, {
      settings: ModelSettings,
      rules: RULES,
      send: sendMessage,
      batch: BATCH,
      diagnosis: {
        account: ({ settings, signal }) => api.object(settings, { method: 'GET', path: '/v1/account', signal }),
      },
      webhooks: new ModelWebhooks(new.target.authentication, modelRegistration(api)),
      events: EVENTS.kinds.values(),
    });
  }
}

/** The same vendor, authenticating its requests with a password. */
@Adapter({ vendor: 'model', displayName: 'Model Mail' })
export class SharedSecretModelAdapter extends ModelAdapter {
  protected static override readonly authentication = sharedSecret;
}

/** The same vendor, authenticating its requests with a token in the body. */
@Adapter({ vendor: 'model', displayName: 'Model Mail' })
export class SignedTokenModelAdapter extends ModelAdapter {
  protected static override readonly authentication = signedToken;
}
