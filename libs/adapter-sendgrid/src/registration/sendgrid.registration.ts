import {
  AdapterError,
  type CallOptions,
  type Registered,
  registrationCallError,
  type RegistrationStatus,
  type RegistrationTarget,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { parseVerificationKey } from '../settings/verification-key.ts';
import { driftOf } from './drift.ts';
import { entrySettings, type EventWebhook, ownEntries } from './event-webhook.ts';
import { EventWebhooks } from './event-webhooks.ts';
import { permissionError } from './permission-error.ts';

const CLEAN_UP_MS = 5_000;

type Entry = Pick<EventWebhook, 'id' | 'friendlyName' | 'publicKey'>;

/**
 * Manages the Event Webhook through its settings API. An existing entry with exactly the connection's URL, such as one
 * created manually, is adopted.
 */
export class SendgridRegistration implements WebhookRegistration<SendgridSettings> {
  constructor(private readonly api: SendgridApi) {}

  register(
    target: RegistrationTarget,
    settings: SendgridSettings,
    options: CallOptions = {},
  ): Promise<Registered<SendgridSettings>> {
    return this.run(settings, options, async (webhooks) => {
      const [entry, ...others] = ownEntries(await webhooks.all(), target);
      const registered =
        entry === undefined
          ? await this.create(webhooks, target.url, settings)
          : await this.adopt(webhooks, target.url, entry);
      for (const { id } of others) await webhooks.remove(id);
      return registered;
    });
  }

  status(
    target: RegistrationTarget,
    settings: SendgridSettings,
    options: CallOptions = {},
  ): Promise<RegistrationStatus> {
    return this.run(settings, options, async (webhooks) => {
      const [entry] = ownEntries(await webhooks.all(), target);
      if (entry === undefined) return { state: 'not_registered' };
      const drift = driftOf(entry, target.url, settings);
      return drift.length === 0 ? { state: 'registered' } : { state: 'drifted', drift };
    });
  }

  unregister(target: RegistrationTarget, settings: SendgridSettings, options: CallOptions = {}): Promise<void> {
    return this.run(settings, options, async (webhooks) => {
      for (const { id } of ownEntries(await webhooks.all(), target)) await webhooks.remove(id);
    });
  }

  test(target: RegistrationTarget, settings: SendgridSettings, options: CallOptions = {}): Promise<void> {
    return this.run(settings, options, async (webhooks) => {
      const [entry] = ownEntries(await webhooks.all(), target);
      if (entry === undefined) throw notRegistered();
      await webhooks.test(entry.id, entry.url);
    });
  }

  private async create(
    webhooks: EventWebhooks,
    url: string,
    settings: SendgridSettings,
  ): Promise<Registered<SendgridSettings>> {
    const outcome = await webhooks.create(entrySettings(url));
    if ('existing' in outcome) {
      // It was created after the list was read.
      if (outcome.existing.url !== url) throw conflict(outcome.existing.url);
      return this.adopt(webhooks, url, { id: outcome.existing.id, friendlyName: '', publicKey: '' });
    }
    try {
      return registered(outcome.created, await webhooks.sign(outcome.created));
    } catch (error) {
      // Without signing it would post requests that are rejected, until someone notices. The call's own time limit may
      // have expired.
      const cleanUp = new EventWebhooks(this.api, settings, AbortSignal.timeout(CLEAN_UP_MS));
      await cleanUp.remove(outcome.created).catch(() => undefined);
      throw error;
    }
  }

  private async adopt(webhooks: EventWebhooks, url: string, entry: Entry): Promise<Registered<SendgridSettings>> {
    await webhooks.update(entry.id, entrySettings(url, entry.friendlyName));
    const isSigned = parseVerificationKey(entry.publicKey) !== undefined;
    return registered(entry.id, isSigned ? entry.publicKey : await webhooks.sign(entry.id));
  }

  private async run<T>(
    settings: SendgridSettings,
    { signal }: CallOptions,
    work: (webhooks: EventWebhooks) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(new EventWebhooks(this.api, settings, signal));
    } catch (error) {
      const isForbidden = error instanceof AdapterError && error.details.status === 403;
      throw isForbidden ? await permissionError(error, this.api, settings, signal) : registrationCallError(error);
    }
  }
}

function registered(vendorId: string, webhookSigningKey: string): Registered<SendgridSettings> {
  return { vendorId, settings: { webhookSigningKey } };
}

function conflict(address: string): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'webhook_conflict',
    fault: 'configuration',
    retryable: false,
    hint: `SendGrid already has an event webhook for ${address || 'an address that it does not show'}, which prevents this one. Change or delete it at SendGrid.`,
  });
}

function notRegistered(): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_request',
    fault: 'configuration',
    retryable: false,
    hint: 'SendGrid has no event webhook with this URL. Register it first.',
  });
}
