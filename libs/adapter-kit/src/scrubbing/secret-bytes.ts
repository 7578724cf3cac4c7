/** Below this many bytes a secret is part of so many words that it is only looked for where it stands alone. */
const SHORT = 4;

export function isShort(secret: string): boolean {
  return Buffer.byteLength(secret) < SHORT;
}

/** A secret as bytes: UTF-8, and Latin-1 where that differs, since `btoa` and HTTP headers use it. */
export function bytesOf(secret: string): Buffer[] {
  const utf8 = Buffer.from(secret);
  return /[\x80-\xff]/.test(secret) && /^[\0-\xff]*$/.test(secret) ? [utf8, Buffer.from(secret, 'latin1')] : [utf8];
}
