import {
  AdapterError,
  type CallOptions,
  objectsIn,
  type RegistrationTarget,
  textOf,
  type WebhookRegistration,
} from '@score-crm/adapter-kit';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty, faultySharedSecret, registrationWith } from './fault.ts';

/** The registration with replaced members, which are derived from the original ones. */
function registering(change: (original: Registration, adapter: ModelAdapter) => object, plant = faulty) {
  return plant((adapter) => registrationWith(adapter, change({ ...adapter.webhooks.registration }, adapter)));
}

type Registration = WebhookRegistration<ModelSettings>;

const PATH = '/v1/webhooks';

export const REGISTRATION_FAULTS: readonly Fault[] = [
  {
    rule: 'registration-once',
    what: 'creates a second entry if it does not know the first one’s id',
    subject: registering((original, { api }) => ({
      register: async (target: RegistrationTarget, settings: ModelSettings) => {
        if (target.vendorId !== undefined) return original.register(target, settings);
        const body = { url: target.url, secret: settings.webhookSecret };
        const made = await api.object(settings, { method: 'POST', path: PATH, body });
        return { vendorId: textOf(made, 'id') ?? '' };
      },
    })),
    alongside: ['abort-obeyed'],
  },
  {
    rule: 'registration-drift',
    what: 'accepts any entry under its id',
    subject: registering((original) => ({
      status: async (...call: Parameters<Registration['status']>) => {
        const status = await original.status(...call);
        return status.state === 'drifted' ? { state: 'registered' } : status;
      },
    })),
  },
  {
    rule: 'registration-drift',
    what: 'does not compare the secret that the vendor has',
    subject: registering(
      (original) => ({
        status: async (...call: Parameters<Registration['status']>) => {
          const { state, drift = [] } = await original.status(...call);
          const seen = drift.filter((sentence) => !sentence.includes('secret'));
          return state === 'drifted' && seen.length === 0 ? { state: 'registered' } : { state, drift: seen };
        },
      }),
      faultySharedSecret,
    ),
  },
  {
    rule: 'no-secret-disclosed',
    what: 'quotes the address that the vendor has in the drift',
    subject: registering((original, { api }) => ({
      status: async (...[target, settings, options = {}]: Parameters<Registration['status']>) => {
        const { state, drift = [] } = await original.status(target, settings, options);
        if (state !== 'drifted') return { state };
        const { webhooks } = await api.object(settings, { method: 'GET', path: PATH, signal: options.signal });
        const urls = objectsIn(webhooks).map((entry) => String(entry['url']));
        return { state, drift: [...drift, `Model Mail has: ${urls.join(', ')}.`] };
      },
    })),
  },
  {
    rule: 'registration-foreign',
    what: 'removes another entry if its own is missing',
    subject: registering((original, { api }) => ({
      unregister: async (target: RegistrationTarget, settings: ModelSettings, options: CallOptions = {}) => {
        const { signal } = options;
        const { webhooks } = await api.object(settings, { method: 'GET', path: PATH, signal });
        const [first] = objectsIn(webhooks);
        await original.unregister(target, settings, options);
        if (first === undefined || String(first['url']).startsWith('http://127.0.0.1')) return;
        await api.call(settings, { method: 'DELETE', path: `${PATH}/${String(first['id'])}`, signal });
      },
    })),
  },
  {
    rule: 'registration-removed',
    what: 'fails if its entry is already removed',
    subject: registering((original) => ({
      unregister: async (...call: Parameters<Registration['unregister']>) => {
        const { state } = await original.status(...call);
        if (state !== 'not_registered') return original.unregister(...call);
        const hint = 'There is no such webhook. Register it first.';
        throw new AdapterError({ stage: 'webhook', code: 'invalid_request', fault: 'vendor', retryable: false, hint });
      },
    })),
  },
  {
    rule: 'registration-ping',
    what: 'creates a secret that is not yet stored when the vendor posts',
    subject: registering((original) => ({
      register: async (target: RegistrationTarget, settings: ModelSettings, options = {}) => {
        const made = { webhookSecret: 'made-while-registering' };
        return {
          ...(await original.register(target, Object.assign(new ModelSettings(), settings, made), options)),
          settings: made,
        };
      },
    })),
    alongside: [
      'registration-drift',
      'registration-foreign',
      'registration-once',
      'registration-removed',
      'deduplication-keys-differ',
      'message-ids-match',
      'sender-data-returns',
      // It does not know that it should keep its own secret.
      'no-secret-disclosed',
    ],
  },
];
