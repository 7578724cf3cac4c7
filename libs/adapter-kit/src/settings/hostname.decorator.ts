import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { registerDecorator } from 'class-validator';

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** Accepts a host name (also of one label, also internationalised) or an IP address; no port, no scheme, no brackets. */
export function IsHostname(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isHostname',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: isHostname,
        defaultMessage: () =>
          '$property must be a host name or an IP address alone, without a scheme, a port or a path',
      },
    });
  };
}

function isHostname(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 253 || /[\s/:@?#%[\]\\]/.test(value)) {
    return typeof value === 'string' && isIPv6(value) && !value.includes('%');
  }
  if (isIPv4(value)) return true;
  const ascii = domainToASCII(value.replace(/\.$/, ''));
  const labels = ascii.split('.');
  // A name that ends in a number is an address written badly (RFC 3696 section 2), and domainToASCII would mend some.
  if (ascii.length > 253 || /^\d+$/.test(labels.at(-1) ?? '')) return false;
  return labels.every((label) => LABEL.test(label));
}
