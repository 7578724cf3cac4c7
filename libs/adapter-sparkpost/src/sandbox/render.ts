import type { TransmissionJson } from './transmission-json.ts';

const VARIABLE = /\{\{\s*([a-z_]\w*)\s*\}\}/gi;

/**
 * A header as the vendor's template language renders it, as far as it is spoken here: variables of the transmission.
 * @returns undefined if it has anything else between double braces
 */
export function rendered(text: string, { substitution_data = {} }: TransmissionJson): string | undefined {
  let known = true;
  const fill = (name: string): string => {
    known &&= Object.hasOwn(substitution_data, name);
    return substitution_data[name] ?? '';
  };
  const literal = text.replace(VARIABLE, '');
  // What a variable holds is not executed again.
  const whole = text.replace(VARIABLE, (_match, name: string) => fill(name));
  return known && !literal.includes('{{') ? whole : undefined;
}
