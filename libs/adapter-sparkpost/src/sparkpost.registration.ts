import {
  configurationError,
  type JsonItem,
  objectIn,
  objectsIn,
  omitUndefined,
  reconcileWebhook,
  rfc3339Time,
  sameSecret,
  scalarOf,
  textOf,
  type WebhookLogEntry,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { SparkpostApi } from './sparkpost.api.ts';
import type { SparkpostSettings } from './sparkpost.settings.ts';
import { REGISTERED_EVENTS } from './sparkpost.webhooks.ts';

/** A webhook as the vendor lists it, with its id. */
interface Entry {
  readonly id: string;
  readonly json: JsonItem;
}

const PATH = '/webhooks';
const LOG_LIMIT = '100';

/**
 * One webhook. Before the vendor responds that it was created, changed or validated, it posts a test to the URL and
 * expects 200.
 * https://developers.sparkpost.com/api/webhooks
 */
export function sparkpostRegistration(api: SparkpostApi): WebhookRegistration<SparkpostSettings> {
  return reconcileWebhook<SparkpostSettings, Entry, object>({
    vendor: 'SparkPost',
    // A single webhook is returned without its delivery times.
    list: ({ settings, signal }) =>
      api.read(settings, { method: 'GET', path: PATH, query: { timezone: 'UTC' }, signal }, entriesIn),
    isOurs: ({ id, json }, { target }) => id === target.vendorId || textOf(json, 'target') === target.url,
    rank: ({ id }, { target }) => (id === target.vendorId ? 0 : 1),
    desired: ({ target: { url }, settings: { webhookUsername: username, webhookPassword: password = '' } }) => {
      if (password === '') {
        const hint =
          'Registering a webhook needs a webhook password to authenticate its requests. Set one for the connection.';
        throw configurationError('invalid_request', hint, { stage: 'webhook', pointer: '/webhookPassword' });
      }
      // The console accepts 24 characters; the end of the URL distinguishes connections.
      const name = `Score CRM ${url.slice(-12)}`;
      const authentication = { auth_type: 'basic', auth_credentials: { username, password } };
      return [{ name, target: url, events: REGISTERED_EVENTS, active: true, ...authentication }];
    },
    create: async (body, { settings, signal }) => {
      const call = { method: 'POST', path: PATH, body, signal } as const;
      return { vendorId: await api.read(settings, call, (json) => textOf(objectIn(json, 'results'), 'id')) };
    },
    update: async ({ id }, body, { settings, signal }) => {
      await api.call(settings, { method: 'PUT', path: pathOf(id), body, signal });
      return { vendorId: id };
    },
    remove: ({ id }, { settings, signal }) => api.call(settings, { method: 'DELETE', path: pathOf(id), signal }),
    // Additional events do no harm: they are not counted.
    driftOf: ([{ json }], _all, { target, settings: { webhookUsername, webhookPassword = '' } }) => {
      const { events, auth_type: type } = json;
      // The vendor returns the credentials unencrypted.
      const { username, password } = objectIn(json, 'auth_credentials');
      const hasLogin =
        type === 'basic' && username === webhookUsername && sameSecret(String(password), webhookPassword);
      const missing = REGISTERED_EVENTS.filter((event) => !Array.isArray(events) || !events.includes(event));
      return [
        ...(textOf(json, 'target') === target.url ? [] : ['SparkPost posts to a different URL.']),
        ...(json['active'] === false ? ['The webhook is disabled at SparkPost.'] : []),
        ...(missing.length === 0 ? [] : [`SparkPost does not report these events: ${missing.join(', ')}.`]),
        ...(hasLogin ? [] : ['SparkPost does not use this connection’s webhook username and password.']),
      ];
    },
    times: ({ json }) => ({
      ...omitUndefined('lastDeliveredAt', utcTime(textOf(json, 'last_successful'))),
      ...omitUndefined('lastFailedAt', utcTime(textOf(json, 'last_failure'))),
    }),
    log: ({ id }, { settings, signal }) => {
      const call = { method: 'GET', path: `${pathOf(id)}/batch-status`, query: { limit: LOG_LIMIT }, signal } as const;
      return api.read(settings, call, batchesIn);
    },
    test: ({ id }, { settings, signal }) =>
      api.call(settings, { method: 'POST', path: `${pathOf(id)}/validate`, body: [{ msys: {} }], signal }),
  });
}

/** https://developers.sparkpost.com/api/webhooks/#webhooks-get-list-all-webhooks */
function entriesIn({ results }: JsonItem): readonly Entry[] | undefined {
  if (!Array.isArray(results)) return undefined;
  return objectsIn(results).flatMap((json) => {
    const id = textOf(json, 'id');
    // An id of only dots would lead out of the path.
    return id === undefined || /^\.+$/.test(id) ? [] : [{ id, json }];
  });
}

/**
 * Batches of the last 24 hours that failed, or were delivered only when they were repeated.
 * https://developers.sparkpost.com/api/webhooks/#webhooks-get-batch-status
 */
function batchesIn({ results }: JsonItem): readonly WebhookLogEntry[] | undefined {
  if (!Array.isArray(results)) return undefined;
  return objectsIn(results).flatMap((batch) => {
    const at = rfc3339Time(textOf(batch, 'ts'))?.toISOString();
    const status = wholeNumber(scalarOf(batch, 'response_code'));
    const hasFailed = scalarOf(batch, 'failure_code') !== undefined;
    if (at === undefined) return [];
    return [
      {
        at,
        delivered: status === 200 && !hasFailed,
        ...omitUndefined('status', status),
        ...omitUndefined('attempts', wholeNumber(scalarOf(batch, 'attempts'))),
        ...omitUndefined('durationMs', wholeNumber(scalarOf(batch, 'latency'))),
        ...omitUndefined('requestId', textOf(batch, 'batch_id')),
      },
    ];
  });
}

function wholeNumber(text = ''): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** `2026-03-01 16:09:15` is in the requested time zone. */
function utcTime(text = ''): string | undefined {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : undefined;
}
