import { declaredFields } from '@score-crm/adapter-kit';
import type { Type } from '@nestjs/common';
import type { Secrets } from './secret-cipher.ts';

interface Replaced {
  readonly value: string;
  /** ISO 8601. */
  readonly until: string;
}

// EncryptedSecrets together with the secrets. No field can have a name like this.
const MEMBER = '!replaced';
const VALID_MS = 72 * 60 * 60 * 1000;

/**
 * What is encrypted when secrets change: the new ones, and beside them, for 72 hours, those they replace that only check what
 * comes in. A vendor does not change over at the same moment, and repeats what it signed before.
 * @param before what was encrypted until now
 */
export function keepReplaced(type: Type<object>, before: Secrets, secrets: Secrets, now: Date): Secrets {
  const until = new Date(now.getTime() + VALID_MS).toISOString();
  const replaced: Record<string, Replaced> = {};
  for (const { name } of declaredFields(type).filter((field) => field.inboundOnly === true)) {
    const value = before[name];
    // One that was cleared is to count no longer, and takes its predecessor along.
    if (secrets[name] === undefined) continue;
    const earlier = read(before)[name];
    if (value !== undefined && value !== '' && value !== secrets[name]) replaced[name] = { value, until };
    else if (earlier !== undefined && isValid(earlier, now)) replaced[name] = earlier;
  }
  return Object.keys(replaced).length === 0 ? secrets : { ...secrets, [MEMBER]: JSON.stringify(replaced) };
}

export function withoutReplaced(encrypted: Secrets): Secrets {
  const { [MEMBER]: _replaced, ...secrets } = encrypted;
  return secrets;
}

/** The replaced secrets that still count. */
export function replacedSecrets(encrypted: Secrets, now: Date): Secrets {
  const valid = Object.entries(read(encrypted)).filter(([, replaced]) => isValid(replaced, now));
  return Object.fromEntries(valid.map(([name, { value }]) => [name, value]));
}

function read(encrypted: Secrets): Readonly<Record<string, Replaced>> {
  return JSON.parse(encrypted[MEMBER] ?? '{}') as Readonly<Record<string, Replaced>>;
}

function isValid({ until }: Replaced, now: Date): boolean {
  return Date.parse(until) > now.getTime();
}
