import { type DescribedField, describeFields } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '@score-crm/connections';
import type { Vendor, VendorField } from './vendor.dto.ts';

/** An adapter as the form needs it. */
export function describeVendor({ identity, adapter }: RegisteredAdapter): Vendor {
  return {
    ...identity,
    capabilities: adapter.capabilities,
    fields: describeFields(adapter.settings).map(describeField),
    presets: adapter.presets ?? [],
  };
}

function describeField(field: DescribedField): VendorField {
  const {
    secret = false,
    generated = false,
    bindsSecret = false,
    advanced = false,
    multiline = false,
    inboundOnly = false,
    ...rest
  } = field;
  return { ...rest, secret, generated, bindsSecret, advanced, multiline, inboundOnly };
}
