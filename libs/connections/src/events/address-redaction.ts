import { canonicalAddress, displayAddress } from '@score-crm/adapter-kit';

/** Replaces an erased address. Adapters accept it as an address, so that the other details of its events can still be read. */
export const ERASED_ADDRESS = 'erased@erased.invalid';

/** Removes one address from texts and from bodies. */
export interface AddressRedaction {
  /** The same bytes if they do not contain the address. */
  readonly bytes: (body: Buffer) => Buffer;
  readonly text: (text: string) => string;
}

/** What may precede an address: no character of a longer one, unless it ends an escape such as `\n`, `\u003c` or `%3C`. */
const BEFORE = String.raw`(?:(?<![A-Za-z0-9._+-])|(?<=[%=][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[bfnrt]))`;
const AFTER = String.raw`(?![A-Za-z0-9-]|\.[A-Za-z0-9])`;

/**
 * Finds an address in upper and lower case, with its domain in ASCII or in its own letters, with any of its characters
 * escaped as in JSON (`\u0040`), URLs and forms (`%40`, also repeatedly), HTML (`&#64;`) or quoted-printable (`=40`). Bodies are
 * searched as bytes: what surrounds the address stays as it is, in any encoding.
 */
export function addressRedaction(address: string): AddressRedaction {
  const canonical = canonicalAddress(address);
  const spellings = [canonical, displayAddress(canonical)].flatMap((one) => [
    one.normalize('NFC'),
    one.normalize('NFD'),
  ]);
  const patterns = [...new Set(spellings)].map((spelling) => Array.from(spelling, characterPattern));
  const whole = patterns.map((characters) => characters.join(''));
  // Most positions of a body are ruled out by it, in a third of the time that the whole pattern takes.
  const start = patterns.map((characters) => characters.slice(0, 2).join(''));
  const pattern = new RegExp(`(?=${start.join('|')})${BEFORE}(?:${whole.join('|')})${AFTER}`, 'g');
  const redact = (latin1: string): string => latin1.replace(pattern, ERASED_ADDRESS);
  return {
    bytes: (body) => {
      const before = body.toString('latin1');
      const after = redact(before);
      return after === before ? body : Buffer.from(after, 'latin1');
    },
    text: (text) => Buffer.from(redact(Buffer.from(text).toString('latin1')), 'latin1').toString(),
  };
}

/** A character in all its forms; of text in UTF-8 whose bytes are read as Latin-1. */
function characterPattern(character: string): string {
  const variants = [...new Set([character, character.toLowerCase(), character.toUpperCase()])];
  const forms = variants.flatMap((variant) => {
    const bytes = [...Buffer.from(variant)];
    const units = Array.from({ length: variant.length }, (_, index) => variant.charCodeAt(index));
    return [
      bytes.map((byte) => String.raw`\x${hex(byte, 2)}`).join(''),
      bytes.map((byte) => `%(?:25)*${anyCase(hex(byte, 2))}`).join(''),
      bytes.map((byte) => `=${anyCase(hex(byte, 2))}`).join(''),
      // Only from the first of many backslashes: from each, the time would grow with the square of their number.
      units.map((unit) => String.raw`(?<!\\)\\+u${anyCase(hex(unit, 4))}`).join(''),
      `&#0*${String(variant.codePointAt(0) ?? 0)};`,
      `&#[xX]0*${anyCase((variant.codePointAt(0) ?? 0).toString(16))};`,
    ];
  });
  return `(?:${forms.join('|')})`;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
