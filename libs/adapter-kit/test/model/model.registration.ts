import { type JsonItem, objectsIn, reconcileWebhook, textOf, type WebhookRegistration } from '@score-crm/adapter-kit';
import type { ModelApi } from './model.api.ts';
import type { ModelSettings } from './model.settings.ts';

export interface Entry {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

type EntryJson = Omit<Entry, 'id'>;

const PATH = '/v1/webhooks';

export function modelRegistration(api: ModelApi): WebhookRegistration<ModelSettings> {
  return reconcileWebhook<ModelSettings, Entry, EntryJson>({
    vendor: 'Model Mail',
    list: ({ settings, signal }) =>
      api.read(settings, { method: 'GET', path: PATH, signal }, ({ webhooks }) =>
        Array.isArray(webhooks) ? objectsIn(webhooks).flatMap(entryIn) : undefined,
      ),
    isOurs: ({ id, url }, { target }) => id === target.vendorId || url === target.url,
    rank: ({ id }, { target }) => (id === target.vendorId ? 0 : 1),
    desired: ({ target: { url }, settings: { webhookSecret = '' } }) => [{ url, secret: webhookSecret }],
    create: async (body, { settings, signal }) => {
      const call = { method: 'POST', path: PATH, body, signal } as const;
      return { vendorId: await api.read(settings, call, (json) => textOf(json, 'id')) };
    },
    update: async ({ id }, body, { settings, signal }) => {
      await api.call(settings, { method: 'PUT', path: pathOf(id), body, signal });
      return { vendorId: id };
    },
    remove: async ({ id }, { settings, signal }) => {
      await api.call(settings, { method: 'DELETE', path: pathOf(id), signal });
    },
    driftOf: ([{ url, secret }], _all, { target, settings }) => [
      ...(url === target.url ? [] : ['Model Mail posts to a different URL.']),
      ...(secret === settings.webhookSecret ? [] : ['Model Mail has a different secret.']),
    ],
  });
}

function entryIn(json: JsonItem): readonly Entry[] {
  const id = textOf(json, 'id');
  return id === undefined ? [] : [{ id, url: textOf(json, 'url') ?? '', secret: textOf(json, 'secret') ?? '' }];
}

function pathOf(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}
