import { createHash } from 'node:crypto';

/**
 * Identifies the connection's callbacks, since the vendor has no ids for them: their channel, and a digest of the path
 * of their URL.
 */
export interface Entry {
  readonly channel: string;
  readonly pathDigest: string;
}

const DIGEST_LENGTH = 12;
const FORM = /^([\da-f]{12}) ([^]+)$/;

export function entryId(channel: string, path: string): string {
  return `${digestOf(path)} ${channel}`;
}

/** @returns undefined if `entryId` did not create the id */
export function parseEntryId(id: string): Entry | undefined {
  const [, pathDigest, channel] = FORM.exec(id) ?? [];
  return pathDigest === undefined || channel === undefined ? undefined : { channel, pathDigest };
}

export function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, DIGEST_LENGTH);
}
