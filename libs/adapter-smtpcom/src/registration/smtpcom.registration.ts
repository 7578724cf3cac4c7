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
import { ChannelCallbacks } from './channel-callbacks.ts';
import { deliveryLog } from './delivery-log.ts';
import { driftOf } from './drift.ts';
import { callbackError, conflict, tokenMissing } from './errors.ts';
import { isOurs } from './ownership.ts';

type CallbacksOf = (channel: string) => ChannelCallbacks;

/**
 * One callback for each event of the channel. What is there is read before anything is written: if an event's callback is
 * somebody else's, nothing is changed. A registration that broke off in the middle is mended by the next one. The vendor has
 * no id of all that; the channel's name stands for it.
 */
export class SmtpcomRegistration implements WebhookRegistration<SmtpcomSettings> {
  constructor(private readonly api: SmtpcomApi) {}

  register(
    { url, vendorId }: RegistrationTarget,
    settings: SmtpcomSettings,
    options: CallOptions = {},
  ): Promise<Registered<SmtpcomSettings>> {
    return this.run(settings, options, async (callbacksOf) => {
      const { channel, webhookToken = '' } = settings;
      if (webhookToken === '') throw tokenMissing();
      await takeCallbacks(callbacksOf(channel), url, settings);
      if (vendorId !== undefined && vendorId !== channel) await leaveChannel(callbacksOf(vendorId), url);
      return { vendorId: channel };
    });
  }

  status(
    { url, vendorId }: RegistrationTarget,
    settings: SmtpcomSettings,
    options: CallOptions = {},
  ): Promise<RegistrationStatus> {
    return this.run(settings, options, async (callbacksOf) => {
      const { channel } = settings;
      const found = await callbacksOf(channel).all();
      const former = vendorId === undefined || vendorId === channel ? [] : [`Registered is the channel “${vendorId}”.`];
      if (former.length === 0 && !found.some((callback) => isOurs(callback, url))) return { state: 'not_registered' };
      const drift = [...former, ...driftOf(found, url, settings)];
      const log = await deliveryLog(this.api, settings, options.signal);
      return drift.length === 0 ? { state: 'registered', ...log } : { state: 'drifted', drift, ...log };
    });
  }

  unregister(
    { url, vendorId }: RegistrationTarget,
    settings: SmtpcomSettings,
    options: CallOptions = {},
  ): Promise<void> {
    return this.run(settings, options, async (callbacksOf) => {
      const channels = new Set([settings.channel, vendorId ?? settings.channel]);
      for (const channel of channels) await removeOwn(callbacksOf(channel), url);
    });
  }

  private async run<T>(
    settings: SmtpcomSettings,
    { signal }: CallOptions,
    work: (callbacksOf: CallbacksOf) => Promise<T>,
  ): Promise<T> {
    try {
      return await work((channel) => new ChannelCallbacks(this.api, settings, channel, signal));
    } catch (error) {
      throw callbackError(error);
    }
  }
}

async function takeCallbacks(callbacks: ChannelCallbacks, url: string, settings: SmtpcomSettings): Promise<void> {
  const found = await callbacks.all();
  const foreign = found.filter((callback) => !isOurs(callback, url));
  if (foreign.length > 0) throw conflict(foreign, settings.channel);
  for (const event of REGISTERED_EVENTS) {
    const address = eventAddress(url, settings, event);
    const known = found.find((callback) => callback.event === event);
    if (known === undefined) await callbacks.create(event, address);
    else if (known.address !== address) await callbacks.update(event, address);
  }
}

/** The channel was changed since. The key may be of another account by now, which the former channel is not of. */
async function leaveChannel(callbacks: ChannelCallbacks, url: string): Promise<void> {
  try {
    await removeOwn(callbacks, url);
  } catch (error) {
    if (!(error instanceof AdapterError) || error.details.status === undefined) throw error;
  }
}

async function removeOwn(callbacks: ChannelCallbacks, url: string): Promise<void> {
  try {
    const own = (await callbacks.all()).filter((callback) => isOurs(callback, url));
    for (const { event } of own) await callbacks.remove(event);
  } catch (error) {
    // With the channel, its callbacks are gone.
    if (!(error instanceof AdapterError) || error.details.pointer !== '/channel') throw error;
  }
}
