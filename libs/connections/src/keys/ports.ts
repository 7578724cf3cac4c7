/** The `EncryptedTable` of outgoing webhooks, whose slice depends on this one. */
export const ENDPOINT_SECRETS = Symbol('ENDPOINT_SECRETS');
