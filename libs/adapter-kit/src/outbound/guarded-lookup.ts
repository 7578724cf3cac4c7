import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { OutboundPolicy, OutboundRefusal, OutboundTarget } from './outbound-policy.ts';

/** Raised inside a connection attempt when the policy refuses the target. */
export class OutboundRefusedError extends Error {
  readonly code = 'ERR_OUTBOUND_REFUSED';

  constructor(readonly reason: OutboundRefusal) {
    super(`The outbound policy refuses this connection (${reason})`);
  }
}

/**
 * A `lookup` for sockets that only yields addresses which the policy permits. The socket connects to what was checked,
 * so a name that resolves otherwise a moment later is no way around.
 */
export function guardedLookup(policy: OutboundPolicy, target: OutboundTarget): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const refusals = addresses.map(({ address }) => policy.refusal(target, address));
      const permitted = addresses.filter((_address, index) => refusals[index] === undefined);
      if (permitted.length === 0) {
        const reason = refusals.includes('port_forbidden') ? 'port_forbidden' : 'address_forbidden';
        callback(new OutboundRefusedError(reason), []);
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
 * Checks what is certain before a look-up: a host that is an address itself, of which a socket never asks `lookup`, and a
 * port that no address of the host could have.
 * @throws OutboundRefusedError
 */
export function assertPermitted(policy: OutboundPolicy, target: OutboundTarget): void {
  const reason = policy.refusalUnresolved(target);
  if (reason !== undefined) throw new OutboundRefusedError(reason);
}
