import { HttpClient, OutboundPolicy, VendorEndpoints } from '@score-crm/adapter-kit';
import { SendgridAdapter, SendgridSettings } from '@score-crm/adapter-sendgrid';
import { SANDBOX_KEYS } from '../sandbox/index.ts';

/** Creates an adapter whose calls go to this URL. */
export function adapterFor({ url }: { readonly url: string }): SendgridAdapter {
  const http = new HttpClient(new OutboundPolicy({ allowLoopback: true }));
  return new SendgridAdapter(http, new VendorEndpoints({ sendgrid: url }));
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
  const call = async (method: string, path: string, body?: object): Promise<Entry> => {
    const response = await fetch(`${url}/v3/user/webhooks/event/settings${path}`, {
      method,
      headers: { authorization: `Bearer ${SANDBOX_KEYS.working}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Entry;
  };
  return {
    list: async () => (await call('GET', '/all'))['webhooks'] as readonly Entry[],
    create: async (settings) => String((await call('POST', '', settings))['id']),
    update: async (id, settings) => void (await call('PATCH', `/${id}`, settings)),
    sign: async (id, enabled) => (await call('PATCH', `/signed/${id}`, { enabled }))['public_key'],
  };
}
