import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface OutboundOptions {
  /** Host names, addresses and networks (CIDR) that may be reached although they are private, e.g. `10.1.0.0/16`. */
  readonly allow?: readonly string[];
  /** Lets loopback addresses be reached; never set it in production. */
  readonly allowLoopback?: boolean;
}

/**
 * Decides which addresses a tenant may make this service connect to: public ones, and what the operator allows by name.
 * Without it, a connection's host could be the metadata service of the cloud or a neighbour's database.
 */
export class OutboundPolicy {
  private readonly hosts = new Set<string>();
  private readonly networks = new BlockList();
  private readonly allowLoopback: boolean;

  /** @throws TypeError for an entry that is neither a host name, an address nor a network. */
  constructor(options: OutboundOptions = {}) {
    this.allowLoopback = options.allowLoopback ?? false;
    for (const entry of options.allow ?? []) this.admit(entry.trim());
  }

  /** Whether `address`, to which `host` was resolved (or which it is), may be connected to. */
  permits(host: string, address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const plain = ipaddr.process(address);
    const range = plain.range();
    if (range === 'unicast' && !isDiscardOnly(plain)) return true;
    if (range === 'loopback' && this.allowLoopback) return true;
    if (this.hosts.has(host.toLowerCase().replace(/\.$/, ''))) return true;
    return this.networks.check(plain.toString(), plain.kind());
  }

  private admit(entry: string): void {
    if (isIP(entry) !== 0) {
      this.networks.addAddress(entry, isIP(entry) === 4 ? 'ipv4' : 'ipv6');
    } else if (ipaddr.isValidCIDR(entry)) {
      const [network, prefix] = ipaddr.parseCIDR(entry);
      this.networks.addSubnet(network.toString(), prefix, network.kind());
    } else if (/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(entry)) {
      this.hosts.add(entry.toLowerCase());
    } else {
      throw new TypeError(`${JSON.stringify(entry)} is neither a host name, an IP address nor a network such as 10.0.0.0/8`);
    }
  }
}

// RFC 6666's 100::/64 and RFC 9780's 100:0:0:1::/64: ipaddr.js reads the second as unicast.
function isDiscardOnly(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.kind() === 'ipv6' && address.match(ipaddr.parseCIDR('100::/32'));
}
