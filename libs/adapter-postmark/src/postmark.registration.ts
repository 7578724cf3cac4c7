import {
  configurationError,
  type JsonItem,
  objectIn,
  objectsIn,
  reconcileWebhook,
  type RegistrationCall,
  sameSecret,
  scalarOf,
  textOf,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import { WEBHOOK_USER } from './assumptions.ts';
import { type PostmarkApi, UNREACHABLE } from './postmark.api.ts';
import type { PostmarkSettings } from './postmark.settings.ts';
import { TRIGGERS } from './postmark.webhooks.ts';

type Call = RegistrationCall<PostmarkSettings>;

/** A webhook as Postmark lists it. It includes passwords: never show it. */
interface Entry {
  readonly id: string;
  readonly url: string;
  readonly stream: string;
  readonly json: JsonItem;
}

const PATH = '/webhooks';

/**
 * One webhook of the message stream. When it is created or changed, Postmark posts an event for each trigger and needs
 * the response 200 to each before it responds itself.
 * https://postmarkapp.com/developer/api/webhooks-api
 */
export function postmarkRegistration(api: PostmarkApi): WebhookRegistration<PostmarkSettings> {
  const write = async (method: 'POST' | 'PUT', path: string, body: object, { settings, signal }: Call) => {
    const json = await api.object(settings, { method, path, body, signal });
    return { vendorId: scalarOf(json, 'ID') ?? '' };
  };
  return reconcileWebhook<PostmarkSettings, Entry, object>({
    vendor: 'Postmark',
    list: ({ settings, signal }) => api.read(settings, { method: 'GET', path: PATH, signal }, entriesIn),
    isOurs: ({ id, url }, { target }) => id === target.vendorId || url === target.url,
    // A webhook cannot change its stream.
    isFor: ({ stream }, desired) => stream === (desired as { readonly MessageStream: string }).MessageStream,
    desired: ({ target: { url }, settings: { messageStream, webhookPassword = '' } }) => {
      if (webhookPassword === '') {
        const hint = 'The connection has no webhook password. Save the connection again to generate one.';
        throw configurationError('invalid_request', hint, { pointer: '/webhookPassword' });
      }
      const HttpAuth = { Username: WEBHOOK_USER, Password: webhookPassword };
      return [{ Url: url, MessageStream: messageStream, HttpAuth, Triggers: TRIGGERS }];
    },
    create: (desired, call) => write('POST', PATH, desired, call),
    update: ({ id }, desired, call) => {
      const { MessageStream: _fixed, ...changes } = desired as JsonItem;
      return write('PUT', pathOf(id), changes, call);
    },
    remove: async ({ id }, { settings, signal }) => {
      const response = await api.request(settings, { method: 'DELETE', path: pathOf(id), signal });
      // Gone, by its status or by its code.
      const isGone = response.status === 404 || /"ErrorCode"\s*:\s*1352\b/.test(response.text());
      if (!response.ok && !isGone) throw api.responseError(response, settings);
    },
    driftOf,
    test: async ({ id }, { settings, signal }) => {
      const json = await api.object(settings, { method: 'POST', path: `${pathOf(id)}/verify`, signal });
      if (json['Success'] === false) throw configurationError('webhook_unreachable', UNREACHABLE);
    },
  });
}

function entriesIn({ Webhooks: webhooks }: JsonItem): readonly Entry[] | undefined {
  if (!Array.isArray(webhooks)) return undefined;
  return objectsIn(webhooks).flatMap((json) => {
    const id = scalarOf(json, 'ID');
    const url = textOf(json, 'Url') ?? '';
    return id === undefined ? [] : [{ id, url, stream: textOf(json, 'MessageStream') ?? 'outbound', json }];
  });
}

function driftOf(
  own: readonly [Entry, ...Entry[]],
  _all: readonly Entry[],
  { target, settings: { messageStream, webhookPassword = '' } }: Call,
): readonly string[] {
  const { json, url } = own.find(({ stream }) => stream === messageStream) ?? own[0];
  const { Username: username, Password: password } = objectIn(json, 'HttpAuth');
  const hasPassword = username === WEBHOOK_USER && sameSecret(String(password), webhookPassword);
  const triggers = objectIn(json, 'Triggers');
  const off = Object.keys(TRIGGERS).filter((name) => objectIn(triggers, name)['Enabled'] !== true);
  return [
    ...(own.some(({ stream }) => stream === messageStream)
      ? []
      : [`The webhook is registered for the message stream “${own[0].stream}”.`]),
    ...(own.length > 1 ? ['Postmark has more than one webhook of this connection.'] : []),
    ...(url === target.url ? [] : ['Postmark posts to a different URL.']),
    ...(hasPassword ? [] : ['Postmark sends a different password, so its events are rejected.']),
    ...(off.length === 0 ? [] : [`Postmark does not report these events: ${off.join(', ')}.`]),
    ...(objectIn(triggers, 'Open')['PostFirstOpenOnly'] === true ? ['Postmark reports only the first open.'] : []),
    // Missing in the older API.
    ...(textOf(json, 'Status') === 'unverified' ? ['Postmark could not verify the webhook, and posts no events.'] : []),
  ];
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}
