import { domainToASCII, domainToUnicode } from 'node:url';

/** Octets, RFC 5321, section 4.5.3.1. A path has 256 with its angle brackets, so an address has 254. */
const ADDRESS_LIMITS = { local: 64, domain: 253, label: 63, address: 254 } as const;

// Written as excluded classes, and without Unicode properties, so that most JSON Schema validators understand them.
const SPACES = String.raw`\u007f-\u00a0\u2000-\u200b\u2028-\u202f\u205f-\u206f\u3000`;
const ATOM = String.raw`[^\u0000-\u0020"(),.:;<>@\[\\\]${SPACES}]+`;
const LABEL = String.raw`[^\u0000-,./:-@\[-\u0060\{-\u00a0${SPACES}]`;

/**
 * The JSON Schema of an email address: `dot-atom@domain`, either part possibly with non-ASCII letters (RFC 6531). It is
 * more lenient than `parseEmailAddress`, which also checks lengths in octets, domain names and invisible characters.
 */
export const EMAIL_ADDRESS_SCHEMA = {
  format: 'idn-email',
  maxLength: ADDRESS_LIMITS.address,
  pattern: String.raw`^${ATOM}(?:\.${ATOM})*@(?:${LABEL}+\.)+${LABEL}{2,}$`,
} as const;

const SHAPE = new RegExp(EMAIL_ADDRESS_SCHEMA.pattern, 'u');
// Control and format characters, lone surrogates, private use, blanks and letters without a glyph, except for the
// joiners that some scripts need.
const INVISIBLE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\u034f\u115f\u1160\u3164\uffa0]/u;
const ASCII_LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
const LAST_ASCII_LABEL = /^[a-z][a-z0-9-]+$/;
// `domainToASCII` would not change it. What it takes for an IP address does not end with a letter.
const PLAIN_DOMAIN = /^(?!.*xn--)[a-z0-9.-]+\.[a-z]+$/;
/** Most addresses of events: their canonical form is the same text, whether they are valid or not. */
const PLAIN_ADDRESS = /^(?!.*xn--)[a-z0-9._+-]+@[a-z0-9.-]+\.[a-z]+$/;
// Longer texts are rejected immediately: no address of that many characters is short enough in octets.
const MAX_CHARACTERS = 320;

export interface EmailAddress {
  /** In Unicode's composed form (NFC), with the original case. */
  readonly local: string;
  /** In lowercase ASCII: non-ASCII labels are A-labels, as in DNS. */
  readonly domain: string;
}

/**
 * Parses one address without a display name. This is the only rule for addresses in the project: it rejects quoted
 * local parts, IP literals, single-label domains and a trailing dot, because not every vendor accepts them.
 * @returns undefined if the text is not such an address; `emailAddressProblem` returns the reason
 */
export function parseEmailAddress(text: string): EmailAddress | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  // Composed first: a Greek question mark becomes the semicolon that it looks like.
  const composed = text.normalize('NFC');
  if (!hasShape(composed)) return undefined;
  const at = composed.lastIndexOf('@');
  const local = composed.slice(0, at);
  const domain = asciiDomain(composed.slice(at + 1));
  if (domain === undefined || Buffer.byteLength(local) > ADDRESS_LIMITS.local) return undefined;
  return Buffer.byteLength(local) + 1 + domain.length > ADDRESS_LIMITS.address ? undefined : { local, domain };
}

export function isEmailAddress(value: unknown): value is string {
  return typeof value === 'string' && parseEmailAddress(value) !== undefined;
}

/**
 * Whether an address needs the SMTPUTF8 extension (RFC 6531), that is, whether its local part is not ASCII. The domain
 * never needs it.
 */
export function needsSmtpUtf8(address: string): boolean {
  // eslint-disable-next-line no-control-regex -- the end of ASCII is meant
  return !/^[\0-\x7f]*$/.test(address.slice(0, address.lastIndexOf('@')));
}

/** Returns why a text is not an address, as a hint for its author, or undefined if it is one. */
export function emailAddressProblem(text: string): string | undefined {
  if (parseEmailAddress(text) !== undefined) return undefined;
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (/[<>]/.test(text)) return 'This contains more than an email address. Put the name into the name field.';
  if (local.startsWith('"')) {
    return 'Quoted local parts are not supported, because not every vendor accepts them. Use an address without quotes.';
  }
  if (domain.startsWith('[')) return 'An IP address cannot be the domain of an email address. Use a domain name.';
  if (at > 0 && domain.endsWith('.')) return 'The domain ends with a dot. Remove it.';
  if (Buffer.byteLength(local) > ADDRESS_LIMITS.local) return tooLong('The part before the @', ADDRESS_LIMITS.local);
  if (hasShape(text.normalize('NFC')) && asciiDomain(domain) !== undefined)
    return tooLong('The address', ADDRESS_LIMITS.address);
  return 'This is not an email address. Write it as name@example.com.';
}

function hasShape(text: string): boolean {
  return text.length <= MAX_CHARACTERS && SHAPE.test(text) && !INVISIBLE.test(text);
}

function tooLong(what: string, octets: number): string {
  return `${what} is longer than ${String(octets)} bytes. Use a shorter address.`;
}

/** Returns a domain of at least two labels in its DNS form, or undefined for anything else. */
function asciiDomain(domain: string): string | undefined {
  // Node does not convert some capital letters, although it converts the small ones: U+10A0, for example.
  const lower = domain.toLowerCase();
  const ascii = PLAIN_DOMAIN.test(lower) ? lower : domainToASCII(lower);
  const labels = ascii.split('.');
  if (ascii.length > ADDRESS_LIMITS.domain || labels.length < 2) return undefined;
  const isDomain = labels.every((label) => ASCII_LABEL.test(label)) && LAST_ASCII_LABEL.test(labels.at(-1) ?? '');
  return isDomain ? ascii : undefined;
}

/**
 * Returns the one spelling under which an address is stored, compared and searched: trimmed, with the domain as
 * A-labels, in lowercase and in Unicode's composed form (NFC). A text that this service does not accept as an address,
 * such as an old event's `"a b"@example.com`, keeps its form as far as possible. Idempotent.
 */
export function canonicalAddress(text: string): string {
  if (PLAIN_ADDRESS.test(text)) return text;
  const trimmed = text.normalize('NFC').trim();
  const address = parseEmailAddress(trimmed);
  if (address !== undefined) return `${folded(address.local)}@${address.domain}`;
  const at = trimmed.lastIndexOf('@');
  // Folded first: Node does not convert some capital letters, although it converts their small forms.
  const domain = folded(trimmed.slice(at + 1));
  // `domainToASCII` decodes and completes texts that are not domain names: `ex%61mple.com`, `0x7f.1`.
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(domain) && /\p{L}$/u.test(domain) ? domainToASCII(domain) : '';
  return ascii === '' || at < 0 ? folded(trimmed) : `${folded(trimmed.slice(0, at))}@${ascii}`;
}

/**
 * Returns an address as the vendor receives it: the domain as A-labels, which every vendor and server accepts, and the
 * local part unchanged. A text that is not an address is returned unchanged.
 */
export function wireAddress(text: string): string {
  const address = parseEmailAddress(text);
  return address === undefined ? text : `${address.local}@${address.domain}`;
}

/** Whether a text of the vendor contains an address, as given or as sent, and not only as a part of a longer one. */
export function mentionsAddress(text: string, address: string): boolean {
  return [address, wireAddress(address)].some((one) => {
    const literal = one.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
    return new RegExp(String.raw`(?<![\w.+-])${literal}(?![\w-]|\.\w)`, 'i').test(text);
  });
}

/** Returns an address for display: the domain in its native letters. */
export function displayAddress(text: string): string {
  const at = text.lastIndexOf('@');
  const unicode = text.slice(at + 1).includes('xn--') ? domainToUnicode(text.slice(at + 1)) : '';
  return unicode === '' || at < 0 ? text : `${text.slice(0, at)}@${unicode}`;
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
