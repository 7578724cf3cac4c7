import { adapterIdentity } from '@score-crm/adapter-kit';
import * as adapters from '../adapters.ts';

/** The variable that replaces a vendor's base URL, by vendor key: `SENDGRID_API_URL`. */
export const API_URL_VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.values(adapters).flatMap((adapter) => {
    const vendor = adapterIdentity(adapter)?.vendor;
    return vendor === undefined ? [] : [[vendor, `${vendor.toUpperCase()}_API_URL`]];
  }),
);
