/**
 * A webhook without a listener. Sandboxes post to it, so its address is an IP address: without a network, name lookups
 * take seconds.
 */
export const TARGET = { url: 'https://127.0.0.1:9/webhooks/v2/x/1', vendorId: '1' };
