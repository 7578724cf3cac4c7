import { createHash } from 'node:crypto';

const BYTES = 16;

/**
 * What tells an event from every other one. JSON keeps the parts apart: `['a', 'bc']` is not `['ab', 'c']`.
 * @param identity as the adapter names it
 */
export function eventDigest(connectionId: string, identity: readonly (string | number)[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([connectionId, ...identity]))
    .digest()
    .subarray(0, BYTES);
}
