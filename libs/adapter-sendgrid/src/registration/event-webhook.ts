import { type JsonItem, type RegistrationTarget, textOf } from '@score-crm/adapter-kit';

/**
 * All events that can be enabled, by their names in the settings: `spam_report` here is `spamreport` in the events.
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json`
 */
export const EVENT_FLAGS = [
  'processed',
  'dropped',
  'deferred',
  'bounce',
  'delivered',
  'open',
  'click',
  'unsubscribe',
  'spam_report',
  'group_unsubscribe',
  'group_resubscribe',
] as const;

const FRIENDLY_NAME = 'Score CRM';

/** The part of an event webhook of the account that is used here. */
export interface EventWebhook {
  readonly id: string;
  readonly url: string;
  readonly enabled: boolean;
  /** The events that it does not receive. */
  readonly unreported: readonly string[];
  readonly friendlyName: string;
  /** Empty if its requests are not signed. */
  readonly publicKey: string;
}

/** The body that creates or updates the entry: an update replaces all settings. An existing name is kept. */
export function entrySettings(url: string, friendlyName?: string): object {
  const flags = Object.fromEntries(EVENT_FLAGS.map((flag) => [flag, true]));
  return { enabled: true, url, ...flags, friendly_name: friendlyName || FRIENDLY_NAME };
}

/** Returns undefined for the `{}` in the list that means none, and for entries without an id. */
export function readEventWebhook(item: unknown): EventWebhook | undefined {
  if (typeof item !== 'object' || item === null) return undefined;
  const entry = item as JsonItem;
  const id = entryId(entry);
  if (id === undefined) return undefined;
  return {
    id,
    url: textOf(entry, 'url') ?? '',
    enabled: entry['enabled'] === true,
    unreported: EVENT_FLAGS.filter((flag) => entry[flag] !== true),
    friendlyName: textOf(entry, 'friendly_name') ?? '',
    publicKey: textOf(entry, 'public_key') ?? '',
  };
}

/** The id becomes part of the path of calls. An invalid one (such as `..`) would turn it into another call. */
export function entryId(item: JsonItem): string | undefined {
  const id = textOf(item, 'id');
  return id !== undefined && /^[\w-]{1,100}$/.test(id) ? id : undefined;
}

/**
 * Returns the entries of this connection: those with exactly its URL first, then the one registered earlier, under any
 * URL.
 */
export function ownEntries(entries: readonly EventWebhook[], target: RegistrationTarget): readonly EventWebhook[] {
  return [
    ...entries.filter(({ url }) => url === target.url),
    ...entries.filter(({ id, url }) => id === target.vendorId && url !== target.url),
  ];
}
