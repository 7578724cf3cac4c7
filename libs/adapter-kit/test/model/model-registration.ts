import {
  type CallOptions,
  type HttpResponse,
  type Registered,
  type RegistrationStatus,
  registrationCallError,
  type RegistrationTarget,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { ModelApi } from './model-api.ts';
import type { ModelSettings } from './model.settings.ts';

export interface Entry {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export class ModelRegistration implements WebhookRegistration<ModelSettings> {
  constructor(protected readonly api: ModelApi) {}

  async register(
    target: RegistrationTarget,
    settings: ModelSettings,
    options: CallOptions = {},
  ): Promise<Registered<ModelSettings>> {
    const known = await this.find(target, settings, options);
    const body = { url: target.url, secret: settings.webhookSecret };
    const response = await this.atWebhook(() =>
      known === undefined
        ? this.api.call(settings, 'POST', '/v1/webhooks', body, options)
        : this.api.call(settings, 'PUT', pathOf(known.id), body, options),
    );
    return { vendorId: (response.json() as Entry).id };
  }

  async status(
    target: RegistrationTarget,
    settings: ModelSettings,
    options: CallOptions = {},
  ): Promise<RegistrationStatus> {
    const entry = await this.find(target, settings, options);
    if (entry === undefined) return { state: 'not_registered' };
    const drift = [
      ...(entry.url === target.url ? [] : ['The address differs.']),
      ...(entry.secret === settings.webhookSecret ? [] : ['The secret differs.']),
    ];
    return drift.length === 0 ? { state: 'registered' } : { state: 'drifted', drift };
  }

  async unregister(target: RegistrationTarget, settings: ModelSettings, options: CallOptions = {}): Promise<void> {
    const entry = await this.find(target, settings, options);
    if (entry === undefined) return;
    await this.atWebhook(() => this.api.call(settings, 'DELETE', pathOf(entry.id), undefined, options));
  }

  protected async find(
    { url, vendorId }: RegistrationTarget,
    settings: ModelSettings,
    options: CallOptions,
  ): Promise<Entry | undefined> {
    const list = await this.atWebhook(() => this.api.call(settings, 'GET', '/v1/webhooks', undefined, options));
    const entries = list.json() as readonly Entry[];
    return entries.find((entry) => entry.id === vendorId) ?? entries.find((entry) => entry.url === url);
  }

  private async atWebhook(call: () => Promise<HttpResponse>): Promise<HttpResponse> {
    try {
      return await call();
    } catch (error) {
      throw registrationCallError(error);
    }
  }
}

function pathOf(id: string): string {
  return `/v1/webhooks/${encodeURIComponent(id)}`;
}
