// Uses that the types of the generated clients must reject: the compiler reports a directive above a line without an error.
import type { CreateConnection, SendMessage } from './hey-api';
import type { components } from './schema';

type Schemas = components['schemas'];

// @ts-expect-error: without the vendor
export const withoutVendor: Schemas['CreateConnection'] = { name: 'News', settings: { host: 'smtp.example.com' } };
// @ts-expect-error: without recipients
export const withoutRecipients: SendMessage = { subject: 'Hello', text: 'Hello' };
// @ts-expect-error: responses have no such field
export type Organization = Schemas['Connection']['organization'];
// @ts-expect-error: there is no such vendor
export const vendor: CreateConnection['vendor'] = 'nobody';
