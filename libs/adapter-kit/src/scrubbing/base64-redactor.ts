import { bytesOf, isShort } from './secret-bytes.ts';

// Of both alphabets, also URL-encoded, and with the slash escaped as some JSON encoders do.
const TOKEN = /(?:[a-z0-9+/_-]|%2[bf]|\\{1,4}\/)+(?:=|%3d)*/gi;

/** Makes a function that replaces each base64 token which holds one of the secrets, whatever stands before it. */
export function base64Redactor(secrets: readonly string[], replacement: string): (text: string) => string {
  const cores = secrets
    .filter((secret) => !isShort(secret))
    .flatMap(bytesOf)
    .flatMap(coresOf);
  const short = secrets.filter(isShort).flatMap(bytesOf);
  return (text) =>
    text.replace(TOKEN, (token) => {
      const standard = standardAlphabet(token);
      const found = cores.some((core) => standard.includes(core)) || (short.length > 0 && endsWithOne(standard, short));
      return found ? replacement : token;
    });
}

/**
 * Base64 shows three bytes as four characters, so what a secret looks like depends on where it starts. For each of the
 * three offsets: the characters that depend on the secret alone.
 */
function coresOf(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = offset === 0 ? 0 : offset + 1;
    const whole = (offset + bytes.length) % 3 === 0;
    return shifted.slice(start, whole ? undefined : -1);
  });
}

/** A short secret leaves too few characters to look for: the token must be it, or be a user's name and it. */
function endsWithOne(token: string, secrets: readonly Buffer[]): boolean {
  const decoded = Buffer.from(token, 'base64').toString('latin1');
  return secrets.some((bytes) => {
    const secret = bytes.toString('latin1');
    return decoded === secret || decoded.endsWith(`:${secret}`) || decoded.endsWith(`\0${secret}`);
  });
}

function standardAlphabet(token: string): string {
  return token
    .replace(/%2b|-/gi, '+')
    .replace(/%2f|_|\\+\//gi, '/')
    .replace(/(?:=|%3d)+$/i, '');
}
