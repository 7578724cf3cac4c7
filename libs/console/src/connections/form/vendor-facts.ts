import type { Vendor } from '../../api/types.ts';
import { isValue } from './fields.ts';
import { initialValues, shownFields } from './form-values.ts';

export interface VendorFact {
  readonly has: boolean;
  readonly text: string;
}

const PROOFS: Readonly<Record<Vendor['capabilities']['webhooks'], string>> = {
  none: 'No webhooks',
  signature: 'Webhooks, proven by a signature',
  'signed-token': 'Webhooks, proven by a signed token',
  'shared-secret': 'Webhooks, proven by a shared secret',
};

/** What a vendor does, for who chooses one. */
export function factsOf({ capabilities, presets }: Vendor): readonly VendorFact[] {
  const { webhooks, events, scheduling } = capabilities;
  const has = webhooks !== 'none';
  return [
    { has, text: PROOFS[webhooks] },
    ...(has ? [{ has, text: reported(events) }] : []),
    ...(scheduling ? [{ has: true, text: 'Scheduled sending' }] : []),
    ...(presets.length > 0
      ? [{ has: true, text: `Fills in the settings of ${String(presets.length)} providers` }]
      : []),
  ];
}

function reported(events: Vendor['capabilities']['events']): string {
  const known = [
    ['delivered', 'deliveries'],
    ['bounced', 'bounces'],
    ['complained', 'complaints'],
    ['opened', 'opens'],
    ['clicked', 'clicks'],
    ['unsubscribed', 'unsubscribes'],
  ] as const;
  const told = known.filter(([kind]) => events.includes(kind)).map(([, words]) => words);
  return `Reports ${new Intl.ListFormat('en').format(told)}`;
}

/** The labels of what somebody must have at hand: "API key", "Domain". */
export function neededFor(vendor: Vendor): readonly string[] {
  const shown = shownFields(vendor.fields, initialValues(vendor, undefined));
  return shown.filter(({ required, schema }) => required && !isValue(schema['default'])).map(({ label }) => label);
}
