import { domainToASCII, domainToUnicode } from 'node:url';
import { parseEmailAddress } from './email-address.ts';

/**
 * The one spelling under which an address is stored, compared and searched: no blanks around it, the domain as A-labels,
 * all in lower case and in Unicode's composed form (NFC). What is not an address by our rule, such as an old event's
 * `"a b"@example.com`, keeps its form as far as possible. The canonical form of a canonical form is the same.
 */
export function canonicalAddress(text: string): string {
  const trimmed = text.normalize('NFC').trim();
  const address = parseEmailAddress(trimmed);
  if (address !== undefined) return `${folded(address.local)}@${address.domain}`;
  const at = trimmed.lastIndexOf('@');
  // Folded first: Node does not convert some capital letters, although it converts the small ones.
  const domain = folded(trimmed.slice(at + 1));
  // `domainToASCII` decodes and completes what is not a domain name: `ex%61mple.com`, `0x7f.1`.
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(domain) && /\p{L}$/u.test(domain) ? domainToASCII(domain) : '';
  return ascii === '' || at < 0 ? folded(trimmed) : `${folded(trimmed.slice(0, at))}@${ascii}`;
}

/**
 * An address as the vendor gets it: the domain as A-labels, which every vendor and server accepts; the local part in the
 * case that was given. A text that is not an address stays as it is.
 */
export function wireAddress(text: string): string {
  const address = parseEmailAddress(text);
  return address === undefined ? text : `${address.local}@${address.domain}`;
}

/** An address for people: the domain in its own letters. */
export function displayAddress(text: string): string {
  const at = text.lastIndexOf('@');
  const unicode = text.slice(at + 1).includes('xn--') ? domainToUnicode(text.slice(at + 1)) : '';
  return unicode === '' || at < 0 ? text : `${text.slice(0, at)}@${unicode}`;
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
