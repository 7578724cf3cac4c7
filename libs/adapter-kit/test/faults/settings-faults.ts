import type { ModelSettings } from '../model/model.settings.ts';
import { SUBJECTS } from '../model/subjects.ts';
import { type Fault, faulty } from './fault.ts';
import {
  AnyPoolSettings,
  MisspeltConditionSettings,
  OpenAccountSettings,
  OpenKeySettings,
  OptionalKeySettings,
  UnboundRegionSettings,
  UndeclaredSettings,
} from './faulty-settings.ts';

export const SETTINGS_FAULTS: readonly Fault[] = [
  {
    rule: 'fields-closed',
    what: 'has an undeclared setting',
    subject: faulty(() => ({ settings: UndeclaredSettings })),
  },
  {
    rule: 'required-fields-named',
    what: 'declares the key as optional',
    subject: faulty(() => ({ settings: OptionalKeySettings })),
  },
  {
    rule: 'hidden-fields-refused',
    what: 'has a field that can never be shown',
    subject: faulty(() => ({ settings: MisspeltConditionSettings })),
  },
  {
    rule: 'secrets-declared',
    what: 'does not declare the key as a secret',
    subject: faulty(() => ({ settings: OpenKeySettings })),
  },
  {
    rule: 'secrets-declared',
    what: 'authenticates the account with an undeclared secret',
    subject: {
      ...faulty((adapter) => ({
        settings: OpenAccountSettings,
        api: Object.assign(adapter.api, {
          headers: ({ account }: OpenAccountSettings) => ({ authorization: `Bearer ${account}` }),
        }),
      })),
      startSandbox: async (options) =>
        Object.assign(await SUBJECTS.signature.startSandbox(options), { settings: { apiKey: 'of-no-use' } }),
    },
    alongside: ['failures-named'],
  },
  {
    rule: 'secrets-declared',
    what: 'has a preset with a key',
    subject: faulty(() => ({ presets: [{ key: 'ours', label: 'Ours', settings: { apiKey: 'model-key_ours' } }] })),
  },
  {
    rule: 'secrets-bound',
    what: 'sends the stored key to another region',
    subject: faulty(() => ({ settings: UnboundRegionSettings })),
  },
  {
    rule: 'inbound-only',
    what: 'sends the webhook secret with each message',
    subject: faulty(({ api }) => ({
      api: Object.assign(api, {
        headers: ({ apiKey, webhookSecret = '' }: ModelSettings) => ({
          authorization: `Bearer ${apiKey}`,
          'x-webhook-secret': webhookSecret,
        }),
      }),
    })),
  },
  {
    rule: 'hostile-values',
    what: 'puts a user’s input into a path',
    subject: faulty(() => ({ settings: AnyPoolSettings, presets: [] })),
  },
];
