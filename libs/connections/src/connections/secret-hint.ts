import type { SecretInfo } from '../persistence/schema/connection-row.ts';
import type { Secrets } from '../secrets/secret-cipher.ts';

const HINT_LENGTH = 4;
/** Of a shorter secret, four characters would give too much away. */
const MIN_LENGTH_FOR_HINT = 16;
const MASK = /^[*•●∙·▪…]+.{0,4}$/su;

/** The end of a secret, by which users recognize it; null for a short one. */
export function secretHint(secret: string): string | null {
  // Whole characters: half of one is no text, and databases refuse it.
  const characters = Array.from(secret);
  return characters.length < MIN_LENGTH_FOR_HINT ? null : characters.slice(-HINT_LENGTH).join('');
}

/** Whether it is what a form shows instead of a secret: mask characters, perhaps with a hint at the end. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && (MASK.test(value.trim()) || /^x{8,}$/i.test(value.trim()));
}

/** What is known of each secret; one that did not change keeps its date. */
export function describeSecrets(
  secrets: Secrets,
  changed: readonly string[],
  before: Readonly<Record<string, SecretInfo>>,
  now: Date,
): Record<string, SecretInfo> {
  const entries = Object.entries(secrets).map(([name, secret]) => {
    const known = changed.includes(name) ? undefined : before[name];
    return [name, known ?? { hint: secretHint(secret), updatedAt: now.toISOString() }] as const;
  });
  return Object.fromEntries(entries);
}
