import { createHash } from 'node:crypto';
import {
  AdapterError,
  type ApiCall,
  configurationError,
  omitUndefined,
  reconcileWebhook,
  type RegistrationCall,
  scalarOf,
  textOf,
  type WebhookLogEntry,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { NOT_THERE, PATHS } from './assumptions.ts';
import { itemsIn, type SmtpcomApi } from './smtpcom.api.ts';
import type { SmtpcomSettings } from './smtpcom.settings.ts';
import { eventAddress, isVendorEvent, REGISTERED_EVENTS, type VendorEvent, vendorTime } from './smtpcom.webhooks.ts';

/** The vendor's callback for one event of a channel. */
interface Callback {
  readonly channel: string;
  readonly event: VendorEvent;
  readonly medium: string;
  /** A URL, or its equivalent for another medium. */
  readonly address: string;
}

type Call = RegistrationCall<SmtpcomSettings>;
type Id = { readonly vendorId: string };

const LOG_LIMIT = '20';

/**
 * One callback for each event of the channel, and none in the channel of an earlier registration. The vendor has no ids
 * for callbacks: the `vendorId` is a digest of the path of their URL, and the channel.
 * https://github.com/smtpcom/smtpcom-go, `api/openapi.yaml`, /v4/callbacks
 */
export function smtpcomRegistration(api: SmtpcomApi): WebhookRegistration<SmtpcomSettings> {
  return reconcileWebhook<SmtpcomSettings, Callback>({
    vendor: 'SMTP.com',
    list: (call) => listCallbacks(api, call),
    isOurs,
    precheck: refuseConflict,
    desired: desiredCallbacks,
    isFor: (callback, { channel, event }) => callback.channel === channel && callback.event === event,
    current: (callback, { address }, call) => (callback.address === address ? registered(call) : undefined),
    create: (desired, call) => write(api, 'POST', desired, call),
    update: (_callback, desired, call) => write(api, 'PATCH', desired, call),
    remove: (callback, call) => removeCallback(api, callback, call),
    isGone: () => false,
    driftOf,
    log: (_callback, call) => readLog(api, call),
    explain: explainRejection,
  });
}

/** Returns the callbacks for all registered events of the channel, and of the channel of the earlier registration. */
async function listCallbacks(api: SmtpcomApi, call: Call): Promise<readonly Callback[]> {
  const { settings, target } = call;
  const { channel: former = settings.channel } = parseVendorId(target.vendorId);
  const found: Callback[] = [];
  for (const channel of new Set([settings.channel, former])) {
    try {
      for (const event of REGISTERED_EVENTS) found.push(...(await readCallback(api, { channel, event }, call)));
    } catch (error) {
      if (!isUnreachable(error, channel, call)) throw error;
    }
  }
  return found;
}

/**
 * Whether a channel cannot have callbacks of this connection that matter. Without the channel, they are gone too. The
 * key may belong to another account by now, without access to the earlier channel.
 */
function isUnreachable(error: unknown, channel: string, { operation, settings }: Call): boolean {
  if (!(error instanceof AdapterError)) return false;
  const { status, pointer } = error.details;
  if (operation === 'unregister') return pointer === '/channel';
  return channel !== settings.channel && status !== undefined;
}

type Place = Pick<Callback, 'channel' | 'event'>;

/** Returns the callback for an event, if there is one. A response may contain those of several channels. */
async function readCallback(api: SmtpcomApi, { channel, event }: Place, call: Call): Promise<readonly Callback[]> {
  try {
    const data = await api.data(call.settings, { ...request('GET', event, call), query: { channel } });
    return itemsIn(data)
      .filter((item) => (item['channel'] ?? channel) === channel && (item['event'] ?? event) === event)
      .flatMap((item) => {
        const address = textOf(item, 'address');
        return address === undefined ? [] : [{ channel, event, medium: textOf(item, 'medium') ?? 'http', address }];
      });
  } catch (error) {
    if (isNotThere(error)) return [];
    throw error;
  }
}

/** Clients send JSON, which works; the query is documented. */
async function write(api: SmtpcomApi, method: 'POST' | 'PATCH', desired: Callback, call: Call): Promise<Id> {
  const { event, ...parameters } = desired;
  try {
    await api.data(call.settings, { ...request(method, event, call), body: parameters });
  } catch (error) {
    if (!(error instanceof AdapterError) || error.details.status !== 400) throw error;
    await api.data(call.settings, { ...request(method, event, call), query: parameters });
  }
  return registered(call);
}

/** Succeeds if it no longer exists. */
async function removeCallback(api: SmtpcomApi, { channel, event }: Place, call: Call): Promise<void> {
  try {
    // The query is documented, while clients send a body.
    const parameters = { query: { channel }, body: { channel } };
    await api.data(call.settings, { ...request('DELETE', event, call), ...parameters });
  } catch (error) {
    if (isNotThere(error) && (await readCallback(api, { channel, event }, call)).length === 0) return;
    if (call.operation === 'register' && isUnreachable(error, channel, call)) return;
    throw error;
  }
}

function request(method: ApiCall['method'], event: VendorEvent, { signal }: Call): ApiCall {
  return { method, path: callbackPath(event), signal };
}

/**
 * @throws TypeError without an event: that would be the path of all callbacks of the account, and `DELETE` would remove
 *   them
 */
export function callbackPath(event: VendorEvent): string {
  if (!isVendorEvent(event)) throw new TypeError('A callback needs an event.');
  return PATHS.callbacks + event;
}

/** A missing callback is reported as an error, and so is a missing channel: that error names it. */
function isNotThere(error: unknown): boolean {
  if (!(error instanceof AdapterError)) return false;
  const { status = 0, pointer } = error.details;
  return NOT_THERE.has(status) && pointer !== '/channel';
}

/** Whether a callback leads to this connection: by its present path, or by the one registered earlier. */
function isOurs({ medium, address }: Callback, { target: { url, vendorId } }: Call): boolean {
  const digest = digestOf(URL.parse(address)?.pathname ?? '');
  return medium === 'http' && (digest === digestOf(new URL(url).pathname) || digest === parseVendorId(vendorId).digest);
}

function desiredCallbacks({ target: { url }, settings }: Call): readonly Callback[] {
  if ((settings.webhookToken ?? '') === '') {
    const hint = 'The connection has no webhook token. Save the connection again to generate one.';
    throw configurationError('invalid_request', hint, { stage: 'webhook', pointer: '/webhookToken' });
  }
  const { channel } = settings;
  const addressOf = (event: VendorEvent): string => eventAddress(url, settings, event);
  return REGISTERED_EVENTS.map((event) => ({ channel, event, medium: 'http', address: addressOf(event) }));
}

/** There is one callback for each event: replacing it would disconnect another system. */
function refuseConflict(callbacks: readonly Callback[], call: Call): void {
  const { channel } = call.settings;
  const foreign = callbacks.filter((callback) => callback.channel === channel && !isOurs(callback, call));
  if (foreign.length === 0) return;
  const list = foreign.map((callback) => `${callback.event} (${placeOf(callback)})`).join(', ');
  const hint = `The channel “${channel}” already has callbacks of another system for: ${list}. Remove them at SMTP.com, which has only one per event, or use a separate channel.`;
  throw configurationError('webhook_conflict', hint, { stage: 'webhook' });
}

function driftOf(_own: readonly Callback[], all: readonly Callback[], call: Call): readonly string[] {
  const { target, settings } = call;
  const { channel: former = settings.channel } = parseVendorId(target.vendorId);
  const found = all.filter(({ channel }) => channel === settings.channel);
  const ours = found.filter((callback) => isOurs(callback, call));
  const old = ours.filter(({ event, address }) => address !== eventAddress(target.url, settings, event));
  const missing = REGISTERED_EVENTS.flatMap((event) => (found.some((one) => one.event === event) ? [] : [{ event }]));
  const foreign = found.filter((one) => !ours.includes(one));
  return [
    ...(former === settings.channel ? [] : [`The webhook is registered for the channel “${former}”.`]),
    ...sentenceAbout('SMTP.com has no callback for', missing),
    ...sentenceAbout('Another system has the callback for', foreign),
    ...sentenceAbout('SMTP.com posts to an earlier URL of this connection for', old),
  ];
}

function sentenceAbout(what: string, callbacks: readonly Pick<Callback, 'event'>[]): readonly string[] {
  return callbacks.length === 0 ? [] : [`${what}: ${callbacks.map(({ event }) => event).join(', ')}.`];
}

/** The vendor's latest requests for the channel, including those to other systems. */
async function readLog(api: SmtpcomApi, { settings, signal }: Call): Promise<readonly WebhookLogEntry[]> {
  const query = { channel: settings.channel, limit: LOG_LIMIT };
  const log = await api.data(settings, { method: 'GET', path: `${PATHS.callbacks}log`, query, signal });
  return itemsIn(log).flatMap((entry) => {
    const at = vendorTime(scalarOf(entry, 'time'))?.toISOString();
    const code = scalarOf(entry, 'code') ?? '';
    if (at === undefined) return [];
    return [
      {
        at,
        delivered: /^2\d\d$/.test(code),
        // 0 if there was no response.
        ...omitUndefined('status', /^[1-9]\d\d$/.test(code) ? Number(code) : undefined),
        ...omitUndefined('message', textOf(entry, 'msg')),
      },
    ];
  });
}

/** A rejection concerns the configuration, and no message. */
function explainRejection(failure: AdapterError): AdapterError {
  if (failure.details.fault !== 'sender') return failure;
  const hint = 'SMTP.com rejected the callback URL. Read its reply; it must be reachable from the internet by HTTPS.';
  return new AdapterError({ ...failure.details, fault: 'configuration', hint });
}

function registered({ target, settings }: Call): Id {
  return { vendorId: `${digestOf(new URL(target.url).pathname)} ${settings.channel}` };
}

function parseVendorId(id = ''): { readonly digest?: string; readonly channel?: string } {
  return /^(?<digest>[\da-f]{12}) (?<channel>[^]+)$/.exec(id)?.groups ?? {};
}

function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}

/** Returns where a callback leads, without the possibly secret parts of its URL. */
function placeOf({ medium, address }: Callback): string {
  return medium === 'http' ? (URL.parse(address)?.host ?? 'an address that is not a URL') : medium.toUpperCase();
}
