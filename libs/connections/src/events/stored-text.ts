import { createHash } from 'node:crypto';
import { toUSVString } from 'node:util';
import { canonicalAddress, displayAddress } from '@score-crm/adapter-kit';

const PLAIN_ID = /^[\x21-\x7e]*$/;

/** Text that every database accepts: complete characters, at most `length` of them. */
export function cutText(text: string, length: number): string {
  const whole = toUSVString(text);
  // MySQL counts characters, JavaScript halves of them: a text that is short enough to one is to the other.
  return whole.length <= length ? whole : toUSVString(whole.slice(0, length)).replace(/\uFFFD$/, '');
}

/**
 * A vendor's id as it is stored and looked up. One that is too long, or not plain ASCII, becomes its SHA-256: cut off, two
 * ids could become one.
 */
export function storedId(id: string, length: number): string {
  if (id.length <= length && PLAIN_ID.test(id)) return id;
  return `sha256:${createHash('sha256').update(id).digest('hex')}`;
}

/** An address as it is stored and looked up: what differs only in case or in the spelling of its domain is one mailbox. */
export function storedAddress(address: string, length: number): string {
  return cutText(canonicalAddress(address), length);
}

/** The forms under which an address may be stored: older rows have the domain in its own letters. */
export function storedSpellings(address: string, length: number): readonly string[] {
  const canonical = canonicalAddress(address);
  return [...new Set([canonical, displayAddress(canonical)])].map((spelling) => cutText(spelling, length));
}
