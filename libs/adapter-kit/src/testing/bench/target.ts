/**
 * A webhook that nobody listens at. Sandboxes post to it, so it needs no name to be looked up: where there is no network, that
 * takes seconds.
 */
export const TARGET = { url: 'https://127.0.0.1:9/webhooks/v2/x/1', vendorId: '1' };
