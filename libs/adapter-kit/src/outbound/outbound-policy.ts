import { BlockList, isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface OutboundOptions {
  /** Host names, addresses and networks (CIDR) that may be reached although they are private, e.g. `10.1.0.0/16`. */
  readonly allow?: readonly string[];
  /** Lets loopback addresses be reached; never set it in production. */
  readonly allowLoopback?: boolean;
}

const HOST_NAME = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?\.?$/i;
// A zone (fe80::1%eth0) is about the links of this very machine. The other form (::127.0.0.1) is deprecated, and ipaddr.js
// reads it as IPv4 while the system does not.
const ODD_FORMS = /%|^::\d+\./;
// Only this part of IPv6 is in use on the internet; the rest is reserved, or old forms that wrap an IPv4 address.
// https://www.iana.org/assignments/ipv6-address-space/
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

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
    if (isIP(address) === 0 || ODD_FORMS.test(address)) return false;
    const plain = ipaddr.process(address);
    if (isPublic(plain)) return true;
    if (plain.range() === 'loopback' && this.allowLoopback) return true;
    if (this.hosts.has(normalise(host))) return true;
    return this.networks.check(plain.toString(), plain.kind());
  }

  private admit(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    if (isIP(address) !== 0 && !ODD_FORMS.test(address) && rest.length === 0) {
      this.admitNetwork(entry, ipaddr.parse(address), prefix);
    } else if (HOST_NAME.test(entry) && !/(^|\.)\d+\.?$/.test(entry)) {
      this.hosts.add(normalise(entry));
    } else {
      throw notUnderstood(entry);
    }
  }

  private admitNetwork(entry: string, address: ipaddr.IPv4 | ipaddr.IPv6, prefix: string | undefined): void {
    const bits = address.kind() === 'ipv4' ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || length > bits)) throw notUnderstood(entry);
    // Addresses are checked in their IPv4 form where they have one.
    const mapped = bits === 128 && length >= 96 && (address as ipaddr.IPv6).isIPv4MappedAddress();
    const plain = mapped ? (address as ipaddr.IPv6).toIPv4Address() : address;
    this.networks.addSubnet(plain.toString(), mapped ? length - 96 : length, plain.kind());
  }
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(GLOBAL_IPV6));
}

function normalise(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function notUnderstood(entry: string): TypeError {
  return new TypeError(
    `${JSON.stringify(entry)} cannot be allowed. Write a host name (mail.example.com), an IP address (10.1.2.3 or fd00::1) or a network (10.0.0.0/8 or fd00::/8), without a scheme, a port or brackets.`,
  );
}
