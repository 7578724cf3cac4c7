import { adapterIdentity } from '@score-crm/adapter-kit';
import * as adapters from '../adapters.ts';

/** By vendor key, the variable that puts another base URL in the place of the vendor's own: `SENDGRID_API_URL`. */
export const API_URL_VARIABLES: ReadonlyMap<string, string> = new Map(
  Object.values(adapters).flatMap((adapter) => {
    const vendor = adapterIdentity(adapter)?.vendor;
    return vendor === undefined ? [] : [[vendor, `${vendor.toUpperCase()}_API_URL`]];
  }),
);
