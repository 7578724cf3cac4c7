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
import { MOST_URLS } from './event-types.ts';
import { permissionError } from './permission-error.ts';
import { readSigningKey, signingKeyNeeded } from './signing-key.ts';

/**
 * The webhooks of a domain by their API. Mailgun has no ids for them: the address is what ours is known by, and what
 * `vendorId` holds.
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
      // Posts that nobody can check would be refused, for as long as nobody looks.
      if (webhookSigningKey === undefined || webhookSigningKey === '') throw signingKeyNeeded();
      refuseFull(urls, target);
      const { url } = target;
      const removeEarlier = async (): Promise<void> => {
        for (const earlier of ownUrls(urls, target)) if (earlier !== url) await webhooks.remove(earlier);
      };
      // Only where the earlier one holds the last place: what happens until the new one is there is told to nobody.
      const lacksPlace = [...urls.values()].some((told) => told.length >= MOST_URLS && !told.includes(url));
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

/** Our address, and the one that was registered before, as far as they are there. */
function ownUrls(urls: WebhookUrls, { url, vendorId }: RegistrationTarget): readonly string[] {
  const all = new Set([...urls.values()].flat());
  return [...new Set([url, ...(vendorId === undefined ? [] : [vendorId])])].filter((own) => all.has(own));
}

/** Has the address told of all events, if it is not yet. */
async function report(webhooks: DomainWebhooks, urls: WebhookUrls, url: string): Promise<void> {
  const told = [...urls.values()].filter((some) => some.includes(url)).length;
  if (told === 0) await webhooks.create(url);
  else if (told < urls.size) await webhooks.update(url);
}

/** @throws AdapterError where others have taken every place that a type of event has */
function refuseFull(urls: WebhookUrls, target: RegistrationTarget): void {
  const own = ownUrls(urls, target);
  const full = [...urls].filter(([, told]) => told.filter((url) => !own.includes(url)).length >= MOST_URLS);
  if (full.length === 0) return;
  throw new AdapterError({
    stage: 'webhook',
    code: 'quota_exceeded',
    fault: 'configuration',
    retryable: false,
    hint: `Mailgun keeps ${String(MOST_URLS)} addresses for each type of event, and others have them all for: ${full.map(([type]) => type).join(', ')}. Remove one there that is not needed.`,
  });
}
