import { AdapterError, type RegistrationTarget } from '@score-crm/adapter-kit';
import type { Entry, ModelRegistration } from '../model/model-registration.ts';
import type { ModelAdapter } from '../model/model.adapter.ts';
import { ModelSettings } from '../model/model.settings.ts';
import { type Fault, faulty, faultySharedSecret, registrationWith } from './fault.ts';

/** The registration with replaced members, which are derived from the original ones. */
function registering(change: (original: ModelRegistration, adapter: ModelAdapter) => object, plant = faulty) {
  return plant((adapter) => {
    const registration = adapter.webhooks.registration as ModelRegistration;
    const original = Object.assign(Object.create(registration) as ModelRegistration, {
      register: registration.register.bind(registration),
      status: registration.status.bind(registration),
      unregister: registration.unregister.bind(registration),
    });
    return registrationWith(adapter, change(original, adapter));
  });
}

export const REGISTRATION_FAULTS: readonly Fault[] = [
  {
    rule: 'registration-once',
    what: 'creates a second entry if it does not know the first one’s id',
    subject: registering((original, { api }) => ({
      register: async (target: RegistrationTarget, settings: ModelSettings) => {
        if (target.vendorId !== undefined) return original.register(target, settings);
        const body = { url: target.url, secret: settings.webhookSecret };
        const made = (await api.call(settings, 'POST', '/v1/webhooks', body, {})).json() as Entry;
        return { vendorId: made.id };
      },
    })),
    alongside: ['abort-obeyed'],
  },
  {
    rule: 'registration-drift',
    what: 'accepts any entry under its id',
    subject: registering((original) => ({
      status: async (...call: Parameters<ModelRegistration['status']>) => {
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
        status: async (...call: Parameters<ModelRegistration['status']>) => {
          const { state, drift = [] } = await original.status(...call);
          const seen = drift.filter((sentence) => !sentence.includes('secret'));
          return state === 'drifted' && seen.length === 0 ? { state: 'registered' } : { state, drift: seen };
        },
      }),
      faultySharedSecret,
    ),
  },
  {
    rule: 'registration-foreign',
    what: 'removes another entry if its own is missing',
    subject: registering((original, { api }) => ({
      unregister: async (target: RegistrationTarget, settings: ModelSettings, options = {}) => {
        const list = (await api.call(settings, 'GET', '/v1/webhooks', undefined, options)).json() as readonly Entry[];
        const [first] = list;
        await original.unregister(target, settings, options);
        if (first === undefined || first.url.startsWith('http://127.0.0.1')) return;
        await api.call(settings, 'DELETE', `/v1/webhooks/${first.id}`, undefined, options);
      },
    })),
  },
  {
    rule: 'registration-removed',
    what: 'fails if its entry is already removed',
    subject: registering((original) => ({
      unregister: async (...call: Parameters<ModelRegistration['unregister']>) => {
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
