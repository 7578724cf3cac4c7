import { BlockList, isIP, type LookupFunction } from 'node:net';
import { lookup, type LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';

export interface OutboundOptions {
  /**
   * Host names, IP addresses and networks (CIDR) that connections may reach even if they are private, with every port, such as
   * `['relay.internal', '10.1.2.3', '10.1.0.0/16']`. None by default.
   */
  readonly allow?: readonly string[];
  /** Whether connections may reach loopback addresses; false by default. Never set it in production. */
  readonly allowLoopback?: boolean;
  /** Additional ports of public hosts, such as `[2526]`. Without it: mail ports (`MAIL_PORTS`) for SMTP, 443 for vendors' APIs. */
  readonly ports?: readonly number[];
  /** Base URLs for vendors' APIs, which may have another port or no TLS. */
  readonly endpoints?: readonly string[];
  /** The settings of your application that allow an address or a port, such as environment variables. Refusals name them. */
  readonly settingNames?: Readonly<Partial<Record<OutboundRefusal, string>>>;
}

/** The target of a connection made on a tenant's behalf. */
export interface OutboundTarget {
  readonly protocol: 'smtp' | 'http' | 'https';
  /** A name or an address, as configured; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Why a connection is refused: because of the host's address, or only because of the port. */
export type OutboundRefusal = 'address_forbidden' | 'port_forbidden';

const HOST_NAME = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?\.?$/i;
// A zone (fe80::1%eth0) refers to the links of this machine. The other form (::127.0.0.1) is deprecated; ipaddr.js
// parses it as IPv4, but the system does not.
const ODD_FORMS = /%|^::\d+\./;
// Only this part of IPv6 is used on the internet. The rest is reserved, or old forms that wrap an IPv4 address.
// https://www.iana.org/assignments/ipv6-address-space/
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/**
 * Ports on which mail servers and email vendors accept submissions. The web ports 80 and 443, which a few vendors also
 * offer, are not included. RFC 6409, RFC 8314,
 * https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html (2465, 2587),
 * https://support.smtp2go.com/hc/en-gb/articles/223087627 (2525, 8025, 8465),
 * https://documentation.mailjet.com/hc/en-us/articles/360043229473 (588),
 * https://www.godaddy.com/help/server-and-port-settings-for-workspace-email-6949 (3535),
 * https://serversmtp.com/smtp-configuration (25025); shared hosts with cPanel offer 26.
 */
export const MAIL_PORTS: ReadonlySet<number> = new Set([
  25, 26, 465, 587, 588, 2465, 2525, 2587, 3535, 8025, 8465, 25025,
]);

/**
 * Metadata and control services of cloud providers. They hand out credentials to every process on the machine, so a
 * network in `allow` does not include them: only an entry with exactly this address does.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16,
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint.html (169.254.170.2),
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html (169.254.170.23, fd00:ec2::23),
 * https://cloud.google.com/compute/docs/metadata/querying-metadata (fd20:ce::254),
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata (100.100.100.200),
 * https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm (192.0.0.192)
 */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  '168.63.129.16',
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2:0:0:0:0:0:254',
  'fd00:ec2:0:0:0:0:0:23',
  'fd20:ce:0:0:0:0:0:254',
]);
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16');

/**
 * Decides where a tenant may make this service connect to: mail ports and 443 of public addresses, and every port of
 * hosts that the operator allows. Otherwise a connection's host could be the cloud's metadata service or a neighbor's
 * database, and a connection test could be used as a port scanner.
 */
export class OutboundPolicy {
  private readonly hosts = new Set<string>();
  private readonly networks = new BlockList();
  /** Addresses that are allowed individually. */
  private readonly addresses = new Set<string>();
  private readonly allowLoopback: boolean;
  private readonly hasNetworks: boolean;
  private readonly extraPorts: ReadonlySet<number>;
  private readonly endpoints: ReadonlySet<string>;
  /** Names for the hints of refusals; see `OutboundOptions`. */
  readonly settingNames: NonNullable<OutboundOptions['settingNames']>;

  /** @throws TypeError for an entry that is neither a host name, an address nor a network */
  constructor(options: OutboundOptions = {}) {
    this.allowLoopback = options.allowLoopback ?? false;
    this.extraPorts = new Set(options.ports);
    this.endpoints = new Set((options.endpoints ?? []).map((url) => new URL(url).origin));
    this.settingNames = options.settingNames ?? {};
    for (const entry of options.allow ?? []) this.admit(entry.trim());
    this.hasNetworks = this.networks.rules.length > 0;
  }

  /** Whether a connection to `address`, to which `host` resolved (or which it is), is permitted on a default port. */
  permits(host: string, address: string): boolean {
    return isPublic(address) || this.isAllowed(host, address);
  }

  /**
   * Returns why a connection to `address`, to which the target's host resolved (or which it is), is refused, or
   * undefined if it is permitted.
   */
  refusal(target: OutboundTarget, address: string): OutboundRefusal | undefined {
    if (this.isAllowed(target.host, address)) return undefined;
    if (!isPublic(address)) return 'address_forbidden';
    return this.isUsual(target) ? undefined : 'port_forbidden';
  }

  /** Same as `refusal`, as far as it can be decided before the name is resolved. */
  refusalUnresolved(target: OutboundTarget): OutboundRefusal | undefined {
    if (isIP(target.host) !== 0) return this.refusal(target, target.host);
    const mayBeAllowed = this.allowLoopback || this.hasNetworks || this.hosts.has(normalize(target.host));
    return mayBeAllowed || this.isUsual(target) ? undefined : 'port_forbidden';
  }

  private isUsual(target: OutboundTarget): boolean {
    const { protocol, port } = target;
    if (protocol === 'smtp') return MAIL_PORTS.has(port) || this.extraPorts.has(port);
    if (this.endpoints.has(originOf(target))) return true;
    return protocol === 'https' && (port === 443 || this.extraPorts.has(port));
  }

  /** Whether the operator allows the host or the address, on every port. */
  private isAllowed(host: string, address: string): boolean {
    if (isIP(address) === 0 || ODD_FORMS.test(address)) return false;
    const plain = ipaddr.process(address);
    if (isMetadata(plain)) return this.addresses.has(plain.toNormalizedString());
    if (plain.range() === 'loopback' && this.allowLoopback) return true;
    return this.hosts.has(normalize(host)) || this.networks.check(plain.toString(), plain.kind());
  }

  private admit(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    if (isIP(address) !== 0 && !ODD_FORMS.test(address) && rest.length === 0) {
      this.admitNetwork(entry, ipaddr.parse(address), prefix);
    } else if (HOST_NAME.test(entry) && !/(^|\.)\d+\.?$/.test(entry)) {
      this.hosts.add(normalize(entry));
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
    const plainLength = mapped ? length - 96 : length;
    this.networks.addSubnet(plain.toString(), plainLength, plain.kind());
    if (plainLength === (plain.kind() === 'ipv4' ? 32 : 128)) this.addresses.add(plain.toNormalizedString());
  }
}

function isPublic(address: string): boolean {
  if (isIP(address) === 0 || ODD_FORMS.test(address)) return false;
  const plain = ipaddr.process(address);
  if (plain.range() !== 'unicast' || isMetadata(plain)) return false;
  return plain.kind() === 'ipv4' || plain.match(GLOBAL_IPV6);
}

/** Also covers translated addresses: IPv6 addresses that wrap the IPv4 address. */
function isMetadata(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return [address, ...embeddedIn(address)].some((one) => METADATA_ADDRESSES.has(one.toNormalizedString()));
}

function embeddedIn(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4[] {
  if (address.kind() === 'ipv4') return [];
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return [new ipaddr.IPv4(bytes.slice(12))];
  return address.match(SIX_TO_FOUR) ? [new ipaddr.IPv4(bytes.slice(2, 6))] : [];
}

function originOf({ protocol, host, port }: OutboundTarget): string {
  return new URL(`${protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`).origin;
}

function normalize(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function notUnderstood(entry: string): TypeError {
  return new TypeError(
    `Invalid outbound entry ${JSON.stringify(entry)}. Use a host name (mail.example.com), an IP address (10.1.2.3 or fd00::1) or a network (10.0.0.0/8 or fd00::/8), without a scheme, port or brackets.`,
  );
}

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
