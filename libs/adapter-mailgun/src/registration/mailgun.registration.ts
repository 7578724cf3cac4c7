import {
  AdapterError,
  type CallOptions,
  type Registered,
  registrationCallError,
  type RegistrationStatus,
  type RegistrationTarget,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { DomainWebhooks, type WebhookUrls } from './domain-webhooks.ts';
import { driftOf } from './drift.ts';
import { MAX_URLS } from './event-types.ts';
import { permissionError } from './permission-error.ts';
import { readSigningKey, signingKeyNeeded } from './signing-key.ts';

/**
 * Manages the webhooks of a domain through their API. Mailgun has no ids for them: the URL identifies the connection's
 * entry, and is its `vendorId`.
 */
export class MailgunRegistration implements WebhookRegistration<MailgunSettings> {
  constructor(private readonly api: MailgunApi) {}

  register(
    target: RegistrationTarget,
    settings: MailgunSettings,
    { signal }: CallOptions = {},
  ): Promise<Registered<MailgunSettings>> {
    return this.run(settings, signal, async (webhooks) => {
      const urls = await webhooks.all();
      const webhookSigningKey = (await readSigningKey(this.api, settings, signal)) ?? settings.webhookSigningKey;
      // Requests that cannot be verified would be rejected until someone notices.
      if (webhookSigningKey === undefined || webhookSigningKey === '') throw signingKeyNeeded();
      refuseFull(urls, target);
      const { url } = target;
      const removeEarlier = async (): Promise<void> => {
        for (const earlier of ownUrls(urls, target)) if (earlier !== url) await webhooks.remove(earlier);
      };
      // Only if the earlier URL has the last place: events in between are lost.
      const lacksPlace = [...urls.values()].some((used) => used.length >= MAX_URLS && !used.includes(url));
      if (lacksPlace) await removeEarlier();
      await report(webhooks, urls, url);
      if (!lacksPlace) await removeEarlier();
      return { vendorId: url, settings: { webhookSigningKey } };
    });
  }

  status(
    target: RegistrationTarget,
    settings: MailgunSettings,
    { signal }: CallOptions = {},
  ): Promise<RegistrationStatus> {
    return this.run(settings, signal, async (webhooks) => {
      const urls = await webhooks.all();
      if (ownUrls(urls, target).length === 0) return { state: 'not_registered' };
      const current = await readSigningKey(this.api, settings, signal);
      const drift = driftOf(urls, target, { stored: settings.webhookSigningKey ?? '', current });
      return drift.length === 0 ? { state: 'registered' } : { state: 'drifted', drift };
    });
  }

  unregister(target: RegistrationTarget, settings: MailgunSettings, { signal }: CallOptions = {}): Promise<void> {
    return this.run(settings, signal, async (webhooks) => {
      for (const url of ownUrls(await webhooks.all(), target)) await webhooks.remove(url);
    });
  }

  private async run<T>(
    settings: MailgunSettings,
    signal: AbortSignal | undefined,
    work: (webhooks: DomainWebhooks) => Promise<T>,
  ): Promise<T> {
    try {
      return await work(new DomainWebhooks(this.api, settings, signal));
    } catch (error) {
      const isRefusal = error instanceof AdapterError && [401, 403].includes(error.details.status ?? 0);
      throw registrationCallError(isRefusal ? await permissionError(error, this.api, settings, signal) : error);
    }
  }
}

/** Returns the URL of the connection and the one registered before, as far as they exist. */
function ownUrls(urls: WebhookUrls, { url, vendorId }: RegistrationTarget): readonly string[] {
  const all = new Set([...urls.values()].flat());
  return [...new Set([url, ...(vendorId === undefined ? [] : [vendorId])])].filter((own) => all.has(own));
}

/** Enables all events for the URL, if they are not enabled yet. */
async function report(webhooks: DomainWebhooks, urls: WebhookUrls, url: string): Promise<void> {
  const enabled = [...urls.values()].filter((some) => some.includes(url)).length;
  if (enabled === 0) await webhooks.create(url);
  else if (enabled < urls.size) await webhooks.update(url);
}

/** @throws AdapterError if other URLs have all places of a type of event */
function refuseFull(urls: WebhookUrls, target: RegistrationTarget): void {
  const own = ownUrls(urls, target);
  const full = [...urls].filter(([, used]) => used.filter((url) => !own.includes(url)).length >= MAX_URLS);
  if (full.length === 0) return;
  throw new AdapterError({
    stage: 'webhook',
    code: 'quota_exceeded',
    fault: 'configuration',
    retryable: false,
    hint: `Mailgun accepts ${String(MAX_URLS)} URLs per type of event, and others use all of them. Remove an unused one for: ${full.map(([type]) => type).join(', ')}.`,
  });
}
