import { domainToASCII, domainToUnicode } from 'node:url';
import { parseEmailAddress } from './email-address.ts';

/**
 * Returns the one spelling under which an address is stored, compared and searched: trimmed, with the domain as
 * A-labels, in lowercase and in Unicode's composed form (NFC). A text that this service does not accept as an address,
 * such as an old event's `"a b"@example.com`, keeps its form as far as possible. Idempotent.
 */
export function canonicalAddress(text: string): string {
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

/** Returns an address for display: the domain in its native letters. */
export function displayAddress(text: string): string {
  const at = text.lastIndexOf('@');
  const unicode = text.slice(at + 1).includes('xn--') ? domainToUnicode(text.slice(at + 1)) : '';
  return unicode === '' || at < 0 ? text : `${text.slice(0, at)}@${unicode}`;
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC');
}
