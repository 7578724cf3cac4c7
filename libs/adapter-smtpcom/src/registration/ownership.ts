import type { RegistrationTarget } from '@score-crm/adapter-kit';
import type { Callback } from './channel-callbacks.ts';
import { digestOf, parseEntryId } from './entry-id.ts';

/**
 * Returns whether a callback leads to this connection: by its path, which identifies it, or by the path that was
 * registered before. Host and query may be outdated.
 */
export function ownership({ url, vendorId = '' }: RegistrationTarget): (callback: Callback) => boolean {
  const digests = new Set([digestOf(new URL(url).pathname), parseEntryId(vendorId)?.pathDigest]);
  return ({ medium, address }) => medium === 'http' && digests.has(digestOf(parse(address)?.pathname ?? ''));
}

/** Returns where a callback leads, without the possibly secret parts of its URL. */
export function placeOf({ medium, address }: Callback): string {
  return medium === 'http' ? (parse(address)?.host ?? 'an address that is not a URL') : medium.toUpperCase();
}

function parse(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}
