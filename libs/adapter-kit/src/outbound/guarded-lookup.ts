import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { OutboundPolicy, OutboundRefusal, OutboundTarget } from './outbound-policy.ts';

/** Raised inside a connection attempt when the policy refuses the target. */
export class OutboundRefusedError extends Error {
  readonly code = 'ERR_OUTBOUND_REFUSED';

  /** @param settingName the setting of the application that would allow it */
  constructor(
    readonly reason: OutboundRefusal,
    readonly settingName: string | undefined,
  ) {
    super(`Refused by the outbound policy (${reason})`);
  }
}

/**
 * A `lookup` function for sockets that returns only addresses which the policy permits. The socket connects to the
 * checked address, so a name that resolves differently a moment later cannot bypass the check.
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
        callback(new OutboundRefusedError(reason, policy.settingNames[reason]), []);
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
 * Checks what can be decided before a DNS lookup: a host that is an IP address (for which a socket never calls
 * `lookup`), and a port that is not allowed for any address of the host.
 * @throws OutboundRefusedError
 */
export function assertPermitted(policy: OutboundPolicy, target: OutboundTarget): void {
  const reason = policy.refusalUnresolved(target);
  if (reason !== undefined) throw new OutboundRefusedError(reason, policy.settingNames[reason]);
}
