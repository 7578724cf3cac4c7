import { lookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { OutboundPolicy } from './outbound-policy.ts';

/** Raised inside a connection attempt when no address of the host may be reached. */
export class AddressForbiddenError extends Error {
  readonly code = 'ERR_ADDRESS_FORBIDDEN';
}

/**
 * A `lookup` for sockets that only yields addresses which the policy permits. The socket connects to what was checked,
 * so a name that resolves otherwise a moment later is no way around.
 */
export function guardedLookup(policy: OutboundPolicy): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const permitted = error === null ? addresses.filter(({ address }) => policy.permits(host, address)) : [];
      if (error !== null) {
        callback(error, []);
      } else if (permitted.length === 0) {
        callback(new AddressForbiddenError(`No address of ${host} may be reached`), []);
      } else if (options.all === true) {
        callback(null, permitted);
      } else {
        const [first] = permitted as [LookupAddress];
        callback(null, first.address, first.family);
      }
    });
  };
}

/**
 * Checks a host that is an address itself: a socket never asks `lookup` about one.
 * @throws AddressForbiddenError
 */
export function assertLiteralPermitted(policy: OutboundPolicy, host: string): void {
  const literal = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) !== 0 && !policy.permits(literal, literal)) {
    throw new AddressForbiddenError(`${host} may not be reached`);
  }
}
