import type { Callback } from './channel-callbacks.ts';

/**
 * Whether a callback leads to this connection. Its path names it; host and query may be those of earlier days.
 * @param url the connection's webhook URL
 */
export function isOurs({ medium, address }: Callback, url: string): boolean {
  return medium === 'http' && parse(address)?.pathname === new URL(url).pathname;
}

/** Where a callback leads, without what may be secret of its address. */
export function placeOf({ medium, address }: Callback): string {
  return medium === 'http' ? (parse(address)?.host ?? 'an address that is no URL') : medium.toUpperCase();
}

function parse(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}
