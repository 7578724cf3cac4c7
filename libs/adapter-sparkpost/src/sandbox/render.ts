import type { TransmissionJson } from './transmission-json.ts';

const VARIABLE = /\{\{\s*([a-z_]\w*)\s*\}\}/gi;

/**
 * A text as the vendor's template language renders it, as far as it is spoken here: variables of the transmission. What a
 * variable holds is not executed again.
 * @returns undefined if it has anything else between double braces
 */
export function rendered(text: string, { substitution_data = {} }: TransmissionJson): string | undefined {
  const names = [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
  const isKnown = names.every((name) => Object.hasOwn(substitution_data, name));
  if (!isKnown || text.replace(VARIABLE, ' ').includes('{{')) return undefined;
  return text.replace(VARIABLE, (_match, name: string) => substitution_data[name] ?? '');
}
