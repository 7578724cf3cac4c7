import {
  AdapterError,
  type CallOptions,
  type HttpResponse,
  omitUndefined,
  registrationCallError,
  type Registered,
  type RegistrationStatus,
  type RegistrationTarget,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { ApiCall, SparkpostApi } from '../api/sparkpost-api.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { driftOf, type Wanted } from './drift.ts';
import { REGISTERED_EVENTS } from './registered-events.ts';
import { createdId, findEntry, type WebhookEntry } from './webhook-entry.ts';

/**
 * The connection's webhook at the vendor. Before the vendor responds that one was created, changed or validated, it
 * posts a test to the URL and expects 200.
 * https://developers.sparkpost.com/api/webhooks
 */
export class SparkpostRegistration implements WebhookRegistration<SparkpostSettings> {
  constructor(private readonly api: SparkpostApi) {}

  async register(
    target: RegistrationTarget,
    settings: SparkpostSettings,
    options: CallOptions = {},
  ): Promise<Registered<SparkpostSettings>> {
    const body = webhookJson(wanted(target, settings));
    const entry = await this.find(target, settings, options);
    if (entry === undefined) {
      const created = await this.call(settings, options, { method: 'POST', body });
      return { vendorId: createdId(created) };
    }
    await this.call(settings, options, { method: 'PUT', path: pathOf(entry), body });
    return { vendorId: entry.id };
  }

  async status(
    target: RegistrationTarget,
    settings: SparkpostSettings,
    options: CallOptions = {},
  ): Promise<RegistrationStatus> {
    const entry = await this.find(target, settings, options);
    if (entry === undefined) return { state: 'not_registered' };
    const drift = driftOf(entry, wanted(target, settings));
    return {
      ...(drift.length === 0 ? { state: 'registered' } : { state: 'drifted', drift }),
      ...omitUndefined('lastDeliveredAt', entry.lastDeliveredAt),
      ...omitUndefined('lastFailedAt', entry.lastFailedAt),
    };
  }

  async unregister(target: RegistrationTarget, settings: SparkpostSettings, options: CallOptions = {}): Promise<void> {
    const entry = await this.find(target, settings, options);
    if (entry === undefined) return;
    try {
      await this.call(settings, options, { method: 'DELETE', path: pathOf(entry) });
    } catch (error) {
      // Another client removed it first.
      if (!(error instanceof AdapterError) || error.details.status !== 404) throw error;
    }
  }

  async test(target: RegistrationTarget, settings: SparkpostSettings, options: CallOptions = {}): Promise<void> {
    const entry = await this.find(target, settings, options);
    if (entry === undefined) throw notRegistered();
    await this.call(settings, options, {
      method: 'POST',
      path: `${pathOf(entry)}/validate`,
      body: [{ msys: {} }],
    });
  }

  private async find(
    target: RegistrationTarget,
    settings: SparkpostSettings,
    options: CallOptions,
  ): Promise<WebhookEntry | undefined> {
    // A single webhook is returned without its delivery times.
    const list = await this.call(settings, options, { method: 'GET', path: '?timezone=UTC' });
    return findEntry(list, target);
  }

  private async call(
    settings: SparkpostSettings,
    { signal }: CallOptions,
    call: Pick<ApiCall, 'method' | 'path' | 'body'>,
  ): Promise<HttpResponse> {
    try {
      return await this.api.call(settings, { ...call, resource: 'webhooks', signal });
    } catch (error) {
      throw registrationCallError(error);
    }
  }
}

function wanted({ url }: RegistrationTarget, { webhookUsername, webhookPassword = '' }: SparkpostSettings): Wanted {
  return { target: url, username: webhookUsername, password: webhookPassword };
}

function webhookJson({ target, username, password }: Wanted): object {
  if (password === '') throw noPassword();
  return {
    name: webhookName(target),
    target,
    events: REGISTERED_EVENTS,
    active: true,
    auth_type: 'basic',
    auth_credentials: { username, password },
  };
}

/** The console accepts 24 characters; the end of the URL distinguishes connections. */
function webhookName(target: string): string {
  return `Score CRM ${target.slice(-12)}`;
}

function pathOf({ id }: WebhookEntry): string {
  return `/${encodeURIComponent(id)}`;
}

function noPassword(): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'Registering a webhook needs a webhook password to authenticate its requests. Set one for the connection.',
    pointer: '/webhookPassword',
  });
}

function notRegistered(): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'The webhook is not registered at SparkPost. Register it first.',
  });
}
