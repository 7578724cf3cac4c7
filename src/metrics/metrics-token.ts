import { createHash, timingSafeEqual } from 'node:crypto';

const BEARER = /^Bearer +([\x21-\x7e]{1,4096}) *$/i;

/** Whether the header Authorization has the token; every request has it if none is configured. */
export function hasMetricsToken(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const given = BEARER.exec(authorization ?? '')?.[1];
  // Digests have one length, and comparing them takes the same time wherever they differ.
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
