import {
  AdapterError,
  type HttpResponse,
  type JsonItem,
  omitUndefined,
  type RegistrationTarget,
  textOf,
} from '@score-crm/adapter-kit';

/** The part of a listed webhook that is used here. */
export interface WebhookEntry {
  readonly id: string;
  readonly target?: string;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly authType?: string;
  /** The vendor returns them unencrypted. */
  readonly username?: string;
  readonly password?: string;
  /** ISO 8601 */
  readonly lastDeliveredAt?: string;
  readonly lastFailedAt?: string;
}

/**
 * Finds the connection's entry among all of the account: the registered one or, if there is none, one with exactly its
 * URL.
 * @param response of `GET /webhooks?timezone=UTC`,
 *   https://developers.sparkpost.com/api/webhooks/#webhooks-get-list-all-webhooks
 * @throws AdapterError `invalid_response`
 */
export function findEntry(response: HttpResponse, { url, vendorId }: RegistrationTarget): WebhookEntry | undefined {
  const results = (response.jsonOrUndefined() as { results?: unknown } | null | undefined)?.results;
  if (!Array.isArray(results)) throw notSparkpost(response);
  const entries = results.flatMap(entryOf);
  return entries.find(({ id }) => id === vendorId) ?? entries.find(({ target }) => target === url);
}

/** Returns the vendor's id of a new entry. @throws AdapterError `invalid_response` */
export function createdId(response: HttpResponse): string {
  const results = (response.jsonOrUndefined() as { results?: unknown } | null | undefined)?.results;
  const id = typeof results === 'object' && results !== null ? textOf(results as JsonItem, 'id') : undefined;
  if (id === undefined) throw notSparkpost(response);
  return id;
}

function entryOf(value: unknown): WebhookEntry[] {
  if (typeof value !== 'object' || value === null) return [];
  const item = value as JsonItem;
  const id = textOf(item, 'id');
  // An id of only dots would lead out of the path.
  if (id === undefined || /^\.+$/.test(id)) return [];
  const { events, auth_credentials: credentials, active } = item;
  const login = (typeof credentials === 'object' && credentials !== null ? credentials : {}) as JsonItem;
  return [
    {
      id,
      ...omitUndefined('target', textOf(item, 'target')),
      active: active !== false,
      events: (Array.isArray(events) ? events : []).filter((event) => typeof event === 'string'),
      ...omitUndefined('authType', textOf(item, 'auth_type')),
      ...omitUndefined('username', textOf(login, 'username')),
      ...omitUndefined('password', textOf(login, 'password')),
      ...omitUndefined('lastDeliveredAt', utcTime(textOf(item, 'last_successful'))),
      ...omitUndefined('lastFailedAt', utcTime(textOf(item, 'last_failure'))),
    },
  ];
}

/** `2026-03-01 16:09:15` is in the requested time zone. */
function utcTime(text = ''): string | undefined {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : undefined;
}

function notSparkpost({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'webhook',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint: 'The response is not from SparkPost. Check the region and the base URL.',
  });
}
