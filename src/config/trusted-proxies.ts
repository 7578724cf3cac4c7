import { isIP, isIPv4 } from 'node:net';

/** Names for networks that the proxy-addr library supports. */
const NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);
const MAX_HOPS = 10;
const FORMS = 'use the addresses or networks of your proxies (10.0.0.0/8,fd00::/8), or their number (1)';

/**
 * Parses `TRUST_PROXY`: `true`, `false`, the number of proxies, or a comma-separated list of addresses and networks.
 * @throws TypeError for anything else, and for `true` in production, where every client could forge its address
 */
export function parseTrustedProxies(text: string, production: boolean): boolean | number | string[] {
  if (text === 'false' || text === '0') return false;
  if (text === 'true') {
    if (!production) return true;
    throw new TypeError(`must not be "true" in production, because clients could then forge their address; ${FORMS}`);
  }
  if (/^\d+$/.test(text)) {
    if (Number(text) > MAX_HOPS) throw new TypeError(`must be at most ${String(MAX_HOPS)} as a number; ${FORMS}`);
    return Number(text);
  }
  const entries = text.split(',').map((entry) => entry.trim());
  for (const entry of entries) {
    if (!NAMES.has(entry) && !isNetwork(entry))
      throw new TypeError(`has an entry that is not an address or network; ${FORMS}`);
  }
  return entries;
}

function isNetwork(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/');
  // Zones are local to this machine, and mapped addresses are compared in their IPv4 form.
  if (isIP(address) === 0 || rest.length > 0 || /%|^::ffff:/i.test(address)) return false;
  if (prefix === undefined) return true;
  const length = Number(prefix);
  // A prefix of 0 trusts everyone, like `true`.
  return /^\d{1,3}$/.test(prefix) && length > 0 && length <= (isIPv4(address) ? 32 : 128);
}
