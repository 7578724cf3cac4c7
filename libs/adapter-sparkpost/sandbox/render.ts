import type { TransmissionJson } from './transmission-json.ts';

const VARIABLE = /\{\{\s*([a-z_]\w*)\s*\}\}/gi;

/**
 * Renders a text as the vendor's template language does, as far as supported here: variables of the transmission.
 * Values of variables are not executed again.
 * @returns undefined if it contains anything else between double braces
 */
export function rendered(text: string, { substitution_data = {} }: TransmissionJson): string | undefined {
  const names = [...text.matchAll(VARIABLE)].map(([, name = '']) => name);
  const isKnown = names.every((name) => Object.hasOwn(substitution_data, name));
  if (!isKnown || text.replace(VARIABLE, ' ').includes('{{')) return undefined;
  return text.replace(VARIABLE, (_match, name: string) => substitution_data[name] ?? '');
}
