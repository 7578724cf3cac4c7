import { type JsonItem, type RegistrationTarget, textOf } from '@score-crm/adapter-kit';

/**
 * Every event that can be asked for, as the settings name them: `spam_report` here is `spamreport` in the events.
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

/** An event webhook of the account, as far as it is read. */
export interface EventWebhook {
  readonly id: string;
  readonly url: string;
  readonly enabled: boolean;
  /** The events that it is not told of. */
  readonly unreported: readonly string[];
  readonly friendlyName: string;
  /** Empty while its posts are not signed. */
  readonly publicKey: string;
}

/** What creates our entry, or brings it up to date: an update replaces all settings. The name that it has stays. */
export function entrySettings(url: string, friendlyName?: string): object {
  const flags = Object.fromEntries(EVENT_FLAGS.map((flag) => [flag, true]));
  return { enabled: true, url, ...flags, friendly_name: friendlyName || FRIENDLY_NAME };
}

/** undefined for the `{}` that stands in the list where there is none, and for whatever has no id to name it by. */
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

/** An id goes into the path of calls, and one that is none (or `..`) would make another call of them. */
export function entryId(item: JsonItem): string | undefined {
  const id = textOf(item, 'id');
  return id !== undefined && /^[\w-]{1,100}$/.test(id) ? id : undefined;
}

/** Our entries: what has exactly our address first, then what we once registered, under whichever address it is now. */
export function ownEntries(entries: readonly EventWebhook[], target: RegistrationTarget): readonly EventWebhook[] {
  return [
    ...entries.filter(({ url }) => url === target.url),
    ...entries.filter(({ id, url }) => id === target.vendorId && url !== target.url),
  ];
}
