import { adapterIdentity } from '@score-crm/adapter-kit';
import * as adapters from '../../src/adapters.ts';

/** The keys of all vendors of the service, in the order of src/adapters.ts: a new vendor is tested without a change here. */
export const VENDORS = Object.values<object>(adapters).map((adapter) => String(adapterIdentity(adapter)?.vendor));

/** The vendors with an API. SMTP has neither a key nor webhooks. */
export const API_VENDORS = VENDORS.filter((vendor) => vendor !== 'smtp');
