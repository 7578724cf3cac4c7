import { createHash } from 'node:crypto';

const BYTES = 16;

/**
 * The digest that identifies an event within its connection. JSON separates the parts: `['a', 'bc']` is not `['ab', 'c']`.
 * @param deduplicationKey the parts that the adapter names
 */
export function eventDigest(connectionId: string, deduplicationKey: readonly (string | number)[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([connectionId, ...deduplicationKey]))
    .digest()
    .subarray(0, BYTES);
}
