import { isIP } from 'node:net';
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
        defaultMessage: () => '$property must be a host name or an IP address alone, without a scheme, a port or a path',
      },
    });
  };
}

function isHostname(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 253) return false;
  if (isIP(value) !== 0) return true;
  if (/[\s/:@?#%[\]]/.test(value)) return false;
  const ascii = domainToASCII(value.replace(/\.$/, '')) || value;
  return ascii.length <= 253 && ascii.split('.').every((label) => LABEL.test(label));
}
