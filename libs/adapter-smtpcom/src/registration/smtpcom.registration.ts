import {
  AdapterError,
  type CallOptions,
  type Registered,
  type RegistrationStatus,
  type RegistrationTarget,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { eventAddress } from '../webhooks/callback-address.ts';
import { REGISTERED_EVENTS } from '../webhooks/vendor-events.ts';
import { type Callback, ChannelCallbacks } from './channel-callbacks.ts';
import { deliveryLog } from './delivery-log.ts';
import { driftOf } from './drift.ts';
import { entryId, parseEntryId } from './entry-id.ts';
import { callbackError, conflict, tokenMissing } from './errors.ts';
import { ownership } from './ownership.ts';

/** The state of a channel, and which parts belong to this connection. */
interface Registry {
  readonly callbacksOf: (channel: string) => ChannelCallbacks;
  readonly isOurs: (callback: Callback) => boolean;
  /** The channel of the latest registration. */
  readonly former: string | undefined;
}

/**
 * One callback for each event of the channel. Existing callbacks are read before anything is written: if an event's
 * callback belongs to someone else, nothing is changed. An incomplete registration is repaired by the next one.
 */
export class SmtpcomRegistration implements WebhookRegistration<SmtpcomSettings> {
  constructor(private readonly api: SmtpcomApi) {}

  register(
    target: RegistrationTarget,
    settings: SmtpcomSettings,
    options: CallOptions = {},
  ): Promise<Registered<SmtpcomSettings>> {
    return this.run(target, settings, options, async (registry) => {
      await takeCallbacks(registry, target.url, settings);
      const { channel } = settings;
      const { former = channel } = registry;
      if (former !== channel) await leaveChannel(registry, former);
      return { vendorId: entryId(channel, new URL(target.url).pathname) };
    });
  }

  status(
    target: RegistrationTarget,
    settings: SmtpcomSettings,
    options: CallOptions = {},
  ): Promise<RegistrationStatus> {
    return this.run(target, settings, options, async ({ callbacksOf, isOurs, former = settings.channel }) => {
      const found = await callbacksOf(settings.channel).all();
      const moved = former === settings.channel ? [] : [`The webhook is registered for the channel “${former}”.`];
      if (moved.length === 0 && !found.some(isOurs)) return { state: 'not_registered' };
      const drift = [...moved, ...driftOf(found, isOurs, target.url, settings)];
      const log = await deliveryLog(this.api, settings, options.signal);
      return drift.length === 0 ? { state: 'registered', ...log } : { state: 'drifted', drift, ...log };
    });
  }

  unregister(target: RegistrationTarget, settings: SmtpcomSettings, options: CallOptions = {}): Promise<void> {
    return this.run(target, settings, options, async (registry) => {
      const { former = settings.channel } = registry;
      for (const channel of new Set([settings.channel, former])) await removeOwn(registry, channel);
    });
  }

  private async run<T>(
    target: RegistrationTarget,
    settings: SmtpcomSettings,
    { signal }: CallOptions,
    work: (registry: Registry) => Promise<T>,
  ): Promise<T> {
    try {
      return await work({
        callbacksOf: (channel) => new ChannelCallbacks(this.api, settings, channel, signal),
        isOurs: ownership(target),
        former: parseEntryId(target.vendorId ?? '')?.channel,
      });
    } catch (error) {
      throw callbackError(error);
    }
  }
}

async function takeCallbacks({ callbacksOf, isOurs }: Registry, url: string, settings: SmtpcomSettings): Promise<void> {
  const callbacks = callbacksOf(settings.channel);
  const found = await callbacks.all();
  const foreign = found.filter((callback) => !isOurs(callback));
  if (foreign.length > 0) throw conflict(foreign, settings.channel);
  if ((settings.webhookToken ?? '') === '') throw tokenMissing();
  for (const event of REGISTERED_EVENTS) {
    const address = eventAddress(url, settings, event);
    const known = found.find((callback) => callback.event === event);
    if (known === undefined) await callbacks.create(event, address);
    else if (known.address !== address) await callbacks.update(event, address);
  }
}

/**
 * The channel has changed since. The key may belong to another account by now, without access to the former channel.
 */
async function leaveChannel(registry: Registry, channel: string): Promise<void> {
  try {
    await removeOwn(registry, channel);
  } catch (error) {
    if (!(error instanceof AdapterError) || error.details.status === undefined) throw error;
  }
}

async function removeOwn({ callbacksOf, isOurs }: Registry, channel: string): Promise<void> {
  const callbacks = callbacksOf(channel);
  try {
    const own = (await callbacks.all()).filter(isOurs);
    for (const { event } of own) await callbacks.remove(event);
  } catch (error) {
    // Without the channel, its callbacks are gone too.
    if (!(error instanceof AdapterError) || error.details.pointer !== '/channel') throw error;
  }
}
