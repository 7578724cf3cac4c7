import { SendgridAdapter, SendgridSettings } from '@score-crm/adapter-sendgrid';
import { adapterAt, callApi } from '../../../test/support/vendor-tests.ts';
import { SANDBOX_KEYS } from '../sandbox/index.ts';

export function adapterFor(server: { readonly url: string }): SendgridAdapter {
  return adapterAt(SendgridAdapter, 'sendgrid', server);
}

export function settings(overrides: Partial<SendgridSettings> = {}): SendgridSettings {
  return Object.assign(new SendgridSettings(), { apiKey: SANDBOX_KEYS.working, ...overrides });
}

type Entry = Readonly<Record<string, unknown>>;

/** Changes the settings of a sandbox's event webhooks as another program would. */
export function settingsApi({ url }: { readonly url: string }): {
  list(): Promise<readonly Entry[]>;
  create(settings: object): Promise<string>;
  update(id: string, settings: object): Promise<void>;
  sign(id: string, enabled: boolean): Promise<unknown>;
} {
  const headers = { authorization: `Bearer ${SANDBOX_KEYS.working}` };
  const call = async (method: string, path: string, changes?: object): Promise<Entry> => {
    const { status, body } = await callApi(`${url}/v3/user/webhooks/event/settings${path}`, method, changes, headers);
    if (status >= 300) throw new Error(`${method} ${path}: ${String(status)} ${JSON.stringify(body)}`);
    return body as Entry;
  };
  return {
    list: async () => (await call('GET', '/all'))['webhooks'] as readonly Entry[],
    create: async (settings) => String((await call('POST', '', settings))['id']),
    update: async (id, settings) => void (await call('PATCH', `/${id}`, settings)),
    sign: async (id, enabled) => (await call('PATCH', `/signed/${id}`, { enabled }))['public_key'],
  };
}
