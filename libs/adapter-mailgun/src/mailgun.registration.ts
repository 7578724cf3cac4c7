import {
  AdapterError,
  type ApiCall,
  configurationError,
  type ErrorMap,
  FormBody,
  type FormField,
  type HttpResponse,
  isJsonObject,
  type JsonItem,
  objectIn,
  onStatus,
  reconcileWebhook,
  type Registered,
  type RegistrationCall,
  sameSecret,
  textOf,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { URL_SEPARATOR } from './assumptions.ts';
import { ERRORS, type MailgunApi } from './mailgun.api.ts';
import { probeSending } from './mailgun.diagnosis.ts';
import type { MailgunSettings } from './mailgun.settings.ts';

/** A URL, and the types of events that it receives. */
interface Webhook {
  readonly url: string;
  readonly types: readonly string[];
}

/** What the connection's URL is set up as: for all types of events. */
interface Desired {
  readonly url: string;
  readonly webhookSigningKey: string;
}

type Call = RegistrationCall<MailgunSettings>;

/**
 * All types of events that a webhook can receive. Events of the two failure types both arrive as `failed`.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
const EVENT_TYPES = ['accepted', 'delivered', 'opened', 'clicked', 'unsubscribed', 'complained'].concat([
  'temporary_fail',
  'permanent_fail',
]);
/** The maximum number of URLs per type of event. */
const MAX_URLS = 3;

/**
 * For rejected calls about webhooks. A rejected key is explained by its permissions.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/domain-webhooks
 */
const WEBHOOK_ERRORS: ErrorMap = [
  {
    on: 400,
    words: /not a valid url/i,
    fault: 'configuration',
    hint: 'Mailgun rejected the webhook URL. Its host must be reachable from the internet.',
  },
  { on: 400, fault: 'configuration', hint: 'Mailgun rejected the webhook. Read its reply.' },
  { on: 404, words: /webhook not found/i, retryable: true, hint: 'The webhook no longer exists. Try again.' },
  ...ERRORS,
];

/**
 * The webhooks of a domain. Mailgun has no ids for them: the URL identifies the connection's entry, and is its
 * `vendorId`. They are changed through version 4 of the API, which concerns a single URL; version 3 sets the list of all
 * URLs of a type, including those of others.
 */
export function mailgunRegistration(api: MailgunApi): WebhookRegistration<MailgunSettings> {
  return reconcileWebhook<MailgunSettings, Webhook, Desired>({
    vendor: 'Mailgun',
    list: (call) => listWebhooks(api, call),
    isOurs,
    precheck: refuseFull,
    desired: async (call) => [{ url: call.target.url, webhookSigningKey: await signingKeyFor(api, call) }],
    isFor: ({ url }, desired) => url === desired.url,
    current: ({ types }, desired) => (types.length === EVENT_TYPES.length ? registered(desired) : undefined),
    create: (desired, call) => write(api, 'POST', desired, call),
    update: (_webhook, desired, call) => write(api, 'PUT', desired, call),
    remove: (webhook, call) => remove(api, webhook, call),
    isGone: () => false,
    // Only if the earlier URL has the last place: events in between are lost.
    removesFirst: (all, { target }) => fullTypes(all.filter(({ url }) => url !== target.url)).length > 0,
    driftOf: (own, _all, call) => driftOf(api, own, call),
    explain: (failure, call) => explainRefusal(api, failure, call),
  });
}

function registered({ url, webhookSigningKey }: Desired): Registered<MailgunSettings> {
  return { vendorId: url, settings: { webhookSigningKey } };
}

function isOurs({ url }: Webhook, { target }: Call): boolean {
  return url === target.url || url === target.vendorId;
}

async function listWebhooks(api: MailgunApi, call: Call): Promise<readonly Webhook[]> {
  const response = await callApi(api, call, { method: 'GET', path: pathOf(call, 'v3') });
  const { webhooks } = response.jsonObject();
  if (!isJsonObject(webhooks)) throw api.unknownForm(response, 'webhooks');
  const found = new Map<string, string[]>();
  for (const type of EVENT_TYPES) {
    for (const url of urlsIn(objectIn(webhooks, type))) found.set(url, [...(found.get(url) ?? []), type]);
  }
  return [...found].map(([url, types]) => ({ url, types: [...new Set(types)] }));
}

function urlsIn({ urls }: JsonItem): readonly string[] {
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [];
}

async function write(
  api: MailgunApi,
  method: 'POST' | 'PUT',
  desired: Desired,
  call: Call,
): Promise<Registered<MailgunSettings>> {
  const types = EVENT_TYPES.map((type): FormField => ['event_types', type]);
  const body = FormBody.urlEncoded([['url', desired.url], ...types]);
  await callApi(api, call, { method, path: pathOf(call, 'v4'), body });
  return registered(desired);
}

async function remove(api: MailgunApi, { url }: Webhook, call: Call): Promise<void> {
  if (url.includes(URL_SEPARATOR)) {
    const hint =
      'Mailgun may treat a URL with a comma as several, and remove webhooks of others. Remove it there manually.';
    throw configurationError('unsupported', hint, { stage: 'webhook' });
  }
  await callApi(api, call, { method: 'DELETE', path: pathOf(call, 'v4'), query: { url } });
}

function pathOf({ settings }: Call, version: 'v3' | 'v4'): string {
  return `/${version}/domains/${encodeURIComponent(settings.domain)}/webhooks`;
}

function callApi(api: MailgunApi, { settings, signal }: Call, call: ApiCall): Promise<HttpResponse> {
  return api.call(settings, { ...call, signal, errors: WEBHOOK_ERRORS });
}

/** Returns the types of events that accept no other URL next to these. */
function fullTypes(webhooks: readonly Webhook[]): readonly string[] {
  return EVENT_TYPES.filter((type) => webhooks.filter(({ types }) => types.includes(type)).length >= MAX_URLS);
}

/** @throws AdapterError if other URLs have all places of a type of event */
function refuseFull(all: readonly Webhook[], call: Call): void {
  const full = fullTypes(all.filter((webhook) => !isOurs(webhook, call)));
  if (full.length === 0) return;
  const hint = `Mailgun accepts ${String(MAX_URLS)} URLs per type of event, and others use all of them. Remove an unused one for: ${full.join(', ')}.`;
  throw configurationError('quota_exceeded', hint, { stage: 'webhook' });
}

/** @throws AdapterError if it is neither readable nor stored: requests would be rejected until someone notices */
async function signingKeyFor(api: MailgunApi, call: Call): Promise<string> {
  const key = (await readSigningKey(api, call)) ?? call.settings.webhookSigningKey ?? '';
  if (key !== '') return key;
  const hint =
    'This API key cannot read the webhook signing key. Copy the HTTP webhook signing key from Account settings, API security, save it here, and register again.';
  throw configurationError('permission_denied', hint, { stage: 'webhook', pointer: '/webhookSigningKey' });
}

/**
 * Reads the key that signs the account's webhooks. A new key is never generated: it would change the key of the whole
 * account.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/account-management/get-v5-accounts-http_signing_key
 * @returns undefined if the API key cannot read it, or there is none
 * @throws AdapterError for any other failure
 */
async function readSigningKey(api: MailgunApi, call: Call): Promise<string | undefined> {
  const reading = callApi(api, call, { method: 'GET', path: '/v5/accounts/http_signing_key' });
  // The statuses for a missing permission or key.
  const response = await reading.catch(onStatus([400, 401, 403, 404], undefined));
  return response === undefined ? undefined : textOf(response.jsonObject(), 'http_signing_key');
}

async function driftOf(api: MailgunApi, own: readonly Webhook[], call: Call): Promise<readonly string[]> {
  const current = await readSigningKey(api, call);
  const { webhookSigningKey: stored = '' } = call.settings;
  const webhook = own.find(({ url }) => url === call.target.url);
  const unreported = EVENT_TYPES.filter((type) => webhook?.types.includes(type) === false);
  const isOtherKey = stored !== '' && current !== undefined && !sameSecret(stored, current);
  return [
    ...(webhook === undefined ? ['Mailgun posts to a different URL.'] : []),
    ...(unreported.length > 0 ? [`Mailgun does not report these events: ${unreported.join(', ')}.`] : []),
    ...(webhook !== undefined && own.length > 1 ? ['Mailgun also posts to an earlier URL.'] : []),
    ...(stored === '' ? ['The webhook signing key is missing here, so all events are rejected.'] : []),
    ...(isOtherKey ? ['Mailgun signs with a different key than the stored one, so its events are rejected.'] : []),
  ];
}

/** Explains the rejection of a key: one that can send is valid, but lacks the permission. */
async function explainRefusal(api: MailgunApi, failure: AdapterError, call: Call): Promise<AdapterError> {
  const { status } = failure.details;
  if (status !== 401 && status !== 403) return failure;
  try {
    if (status === 401) await probeSending(api, call);
  } catch {
    return failure;
  }
  const hint =
    'The API key cannot manage webhooks. Use an account key with the role Admin or Developer (Webhooks: Read/Write), or set the webhook up manually.';
  return new AdapterError({ ...failure.details, stage: 'webhook', code: 'permission_denied', hint });
}
