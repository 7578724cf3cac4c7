import { createHash } from 'node:crypto';

const BYTES = 16;

/**
 * What tells an event from every other one. JSON keeps the parts apart: `['a', 'bc']` is not `['ab', 'c']`.
 * @param deduplication key as the adapter names it
 */
export function eventDigest(connectionId: string, deduplicationKey: readonly (string | number)[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([connectionId, ...deduplicationKey]))
    .digest()
    .subarray(0, BYTES);
}
