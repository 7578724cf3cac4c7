import {
  AdapterError,
  type ApiCall,
  configurationError,
  type ErrorMap,
  type HttpResponse,
  isJsonObject,
  type JsonItem,
  reconcileWebhook,
  type Registered,
  type RegistrationCall,
  textOf,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { WEBHOOK_SCOPES } from './assumptions.ts';
import { ACCOUNT_ERRORS, type SendgridApi } from './sendgrid.api.ts';
import { parseVerificationKey, type SendgridSettings } from './sendgrid.settings.ts';

const PATH = '/v3/user/webhooks/event/settings';
const FRIENDLY_NAME = 'Score CRM';
const CLEAN_UP_MS = 5_000;

/**
 * All events that can be enabled, by their names in the settings: `spam_report` here is `spamreport` in the events.
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json`
 */
const EVENT_FLAGS = ['processed', 'dropped', 'deferred', 'bounce', 'delivered', 'open', 'click', 'unsubscribe'].concat([
  'spam_report',
  'group_unsubscribe',
  'group_resubscribe',
]);

const PLAN_LIMIT = { on: 400, code: 'quota_exceeded', fault: 'configuration', retryable: false } as const;

/** The errors for rejected calls about event webhooks. A 403 is explained by the key's scopes. */
const ERRORS: ErrorMap = [
  ...ACCOUNT_ERRORS,
  {
    ...PLAN_LIMIT,
    words: /maximum number of webhooks/i,
    hint: 'The SendGrid plan allows no additional event webhook. Delete an unused one there, or upgrade the plan.',
  },
  {
    ...PLAN_LIMIT,
    words: /cannot be modified based on your current billing plan/i,
    hint: 'The SendGrid plan does not allow changes to this event webhook. Upgrade the plan.',
  },
  {
    on: 400,
    words: /not a valid url/i,
    hint: 'SendGrid rejected the webhook URL. It must be an HTTPS URL that is reachable from the internet.',
  },
  { on: 400, hint: 'SendGrid rejected the event webhook. Read its reply.' },
  { on: 404, retryable: true, hint: 'The event webhook no longer exists at SendGrid. Try again.' },
];

/** An event webhook of the account. */
interface EventWebhook {
  readonly id: string;
  readonly url: string;
  /** `enabled`, `friendly_name`, a flag for each event, and `public_key`, which is empty without signing. */
  readonly settings: JsonItem;
}

type Call = RegistrationCall<SendgridSettings>;

/**
 * Manages the Event Webhook through its settings API. An existing entry with exactly the connection's URL, such as one
 * created manually, is adopted. Only `create` is called without an id: without one, the vendor applies an update to the
 * account's oldest webhook.
 * https://www.twilio.com/docs/sendgrid/api-reference/webhooks
 */
export function sendgridRegistration(api: SendgridApi): WebhookRegistration<SendgridSettings> {
  return reconcileWebhook<SendgridSettings, EventWebhook, string>({
    vendor: 'SendGrid',
    list: (call) => listWebhooks(api, call),
    isOurs: ({ id, url }, { target }) => url === target.url || id === target.vendorId,
    // The one with exactly this URL, then the one registered earlier.
    rank: ({ url }, { target }) => (url === target.url ? 0 : 1),
    desired: ({ target }) => [target.url],
    create: (url, call) => create(api, url, call),
    update: (entry, url, call) => adopt(api, entry, url, call),
    remove: ({ id }, call) => remove(api, id, call),
    driftOf: ([entry], _all, call) => driftOf(entry, call),
    test: async ({ id, url }, call) => {
      // One event of each kind, signed like the webhook with this id.
      await send(api, call, { method: 'POST', path: '/v3/user/webhooks/event/test', body: { id, url } });
    },
    explain: (failure, call) => explainRejection(api, failure, call),
  });
}

async function listWebhooks(api: SendgridApi, call: Call): Promise<readonly EventWebhook[]> {
  const response = await send(api, call, { method: 'GET', path: `${PATH}/all` });
  const { webhooks } = response.jsonObject();
  if (!Array.isArray(webhooks)) throw api.unknownForm(response, 'event webhooks');
  return entriesIn(webhooks);
}

/** Leaves out entries without an id, such as the `{}` in the list that means none. */
function entriesIn(list: unknown): readonly EventWebhook[] {
  return [list]
    .flat()
    .filter(isJsonObject)
    .flatMap((settings) => {
      const id = idOf(settings);
      return id === undefined ? [] : [{ id, url: textOf(settings, 'url') ?? '', settings }];
    });
}

async function create(api: SendgridApi, url: string, call: Call): Promise<Registered<SendgridSettings>> {
  const { settings, signal } = call;
  const response = await api.request(settings, { method: 'POST', path: PATH, body: entrySettings(url), signal });
  if (!response.ok) {
    // The error for a URL that another webhook has names that webhook.
    const existing = entriesIn(response.jsonObject()['errors']).find(({ settings: { message } }) =>
      /already exists/i.test(String(message)),
    );
    if (response.status !== 400 || existing === undefined) throw api.responseError(response, settings, ERRORS);
    // It was created after the list was read.
    if (existing.url !== url) throw conflict(existing.url);
    return adopt(api, existing, url, call);
  }
  const id = idOf(response.jsonObject());
  if (id === undefined) throw api.unknownForm(response, 'event webhooks');
  try {
    return registered(id, await sign(api, id, call));
  } catch (error) {
    // Without signing it would post requests that are rejected, until someone notices. The call's own time limit may
    // have expired.
    await remove(api, id, { ...call, signal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => undefined);
    throw error;
  }
}

async function adopt(
  api: SendgridApi,
  { id, settings }: EventWebhook,
  url: string,
  call: Call,
): Promise<Registered<SendgridSettings>> {
  const body = entrySettings(url, textOf(settings, 'friendly_name'));
  await send(api, call, { method: 'PATCH', path: `${PATH}/${id}`, body });
  const key = textOf(settings, 'public_key') ?? '';
  return registered(id, parseVerificationKey(key) === undefined ? await sign(api, id, call) : key);
}

/** Enables signing, which is not possible during creation. @returns the key to verify with */
async function sign(api: SendgridApi, id: string, call: Call): Promise<string> {
  const response = await send(api, call, { method: 'PATCH', path: `${PATH}/signed/${id}`, body: { enabled: true } });
  const key = textOf(response.jsonObject(), 'public_key') ?? '';
  if (parseVerificationKey(key) === undefined) throw api.unknownForm(response, 'event webhooks');
  return key;
}

async function remove(api: SendgridApi, id: string, call: Call): Promise<void> {
  await send(api, call, { method: 'DELETE', path: `${PATH}/${id}` });
}

function send(api: SendgridApi, { settings, signal }: Call, call: ApiCall): Promise<HttpResponse> {
  return api.call(settings, { ...call, signal, errors: ERRORS });
}

/** The body that creates or updates the entry: an update replaces all settings. An existing name is kept. */
function entrySettings(url: string, friendlyName?: string): object {
  const flags = Object.fromEntries(EVENT_FLAGS.map((flag) => [flag, true]));
  return { enabled: true, url, ...flags, friendly_name: friendlyName || FRIENDLY_NAME };
}

/** The id becomes part of the path of calls. An invalid one (such as `..`) would turn it into another call. */
function idOf(item: JsonItem): string | undefined {
  const id = textOf(item, 'id');
  return id !== undefined && /^[\w-]{1,100}$/.test(id) ? id : undefined;
}

function registered(vendorId: string, webhookSigningKey: string): Registered<SendgridSettings> {
  return { vendorId, settings: { webhookSigningKey } };
}

/** Returns the differences from what would be registered now, each as a sentence. */
function driftOf({ url, settings: actual }: EventWebhook, { target, settings }: Call): readonly string[] {
  const unreported = EVENT_FLAGS.filter((flag) => actual[flag] !== true);
  return [
    ...(url === target.url ? [] : ['SendGrid posts to a different URL.']),
    ...(actual['enabled'] === true ? [] : ['The event webhook is disabled at SendGrid.']),
    ...(unreported.length === 0 ? [] : [`SendGrid does not report these events: ${unreported.join(', ')}.`]),
    ...signatureDrift(textOf(actual, 'public_key') ?? '', settings),
  ];
}

function signatureDrift(publicKey: string, { webhookSigningKey = '' }: SendgridSettings): readonly string[] {
  if (publicKey === '') return ['Signed Event Webhook is disabled at SendGrid, so its events are rejected.'];
  const stored = parseVerificationKey(webhookSigningKey);
  const isStored = stored !== undefined && parseVerificationKey(publicKey)?.equals(stored) === true;
  return isStored ? [] : ['SendGrid signs with a different key than the stored one, so its events are rejected.'];
}

/**
 * Explains a 403 by the scopes that the key lacks. The scopes are read only for the explanation; the vendor decides.
 */
async function explainRejection(
  api: SendgridApi,
  failure: AdapterError,
  { settings, signal }: Call,
): Promise<AdapterError> {
  if (failure.details.status !== 403) return failure;
  const held = await api.scopes(settings, signal).catch(() => new Set<string>());
  const missing = WEBHOOK_SCOPES.filter((scope) => !held.has(scope));
  const hint =
    missing.length === 0
      ? `SendGrid denied access although the API key has the scopes for event webhooks (${WEBHOOK_SCOPES.join(', ')}). Grant it full access, check IP access management, or set the webhook up manually.`
      : `The API key cannot manage event webhooks. Grant it full access or these scopes at SendGrid, or set the webhook up manually: ${missing.join(', ')}.`;
  return new AdapterError({ ...failure.details, stage: 'webhook', code: 'permission_denied', hint });
}

function conflict(address: string): AdapterError {
  const hint = `SendGrid already has an event webhook for ${address || 'an address that it does not show'}, which prevents this one. Change or delete it at SendGrid.`;
  return configurationError('webhook_conflict', hint, { stage: 'webhook' });
}
