import { type Schema, schema } from '@score-crm/adapter-kit/sandbox';

const { flag, object, text } = schema;

/** The events that a webhook can receive: their names in its settings, and in the events themselves. */
const FLAGS = {
  processed: 'processed',
  delivered: 'delivered',
  deferred: 'deferred',
  bounce: 'bounce',
  dropped: 'dropped',
  open: 'open',
  click: 'click',
  spam_report: 'spamreport',
  unsubscribe: 'unsubscribe',
  group_unsubscribe: 'group_unsubscribe',
  group_resubscribe: 'group_resubscribe',
} as const;
type Flag = keyof typeof FLAGS;

const OAUTH = { oauth_client_id: text(), oauth_client_secret: text(), oauth_token_url: text() };
const FLAG_NAMES = Object.keys(FLAGS) as Flag[];

/** The body that creates and updates an event webhook. */
export type WebhookJson = Readonly<Record<Flag | 'enabled', boolean>> & {
  readonly url: string;
  readonly friendly_name: string;
};

/** https://github.com/twilio/sendgrid-oai, `spec/json/tsg_webhooks_v3.json` */
export const webhookSchema: Schema = object(
  {
    enabled: flag,
    url: text(),
    friendly_name: text(),
    ...Object.fromEntries(FLAG_NAMES.map((name) => [name, flag])),
    ...OAUTH,
  },
  ['url'],
);
export const signedSchema: Schema = object({ enabled: flag }, ['enabled']);
export const testSchema: Schema = object({ id: text(), url: text(), ...OAUTH }, ['url']);

/** All settings: an update replaces them, and omitted ones are off. */
export function completed(given: Partial<WebhookJson> & Pick<WebhookJson, 'url'>): WebhookJson {
  const flags = Object.fromEntries(FLAG_NAMES.map((name) => [name, given[name] ?? false])) as Record<Flag, boolean>;
  return { enabled: given.enabled ?? false, url: given.url, ...flags, friendly_name: given.friendly_name ?? '' };
}

/** The settings of a webhook that receives all events. */
export function withAllEvents(url: string): WebhookJson {
  const flags = Object.fromEntries(FLAG_NAMES.map((name) => [name, true]));
  return completed({ enabled: true, url, ...flags });
}

/** Whether a webhook receives an event of this name. */
export function receives(settings: WebhookJson, event: string): boolean {
  return settings.enabled && FLAG_NAMES.some((name) => FLAGS[name] === event && settings[name]);
}
