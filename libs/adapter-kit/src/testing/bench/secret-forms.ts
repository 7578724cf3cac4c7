const BASE64 = /[A-Za-z0-9+/_-]{8,}/g;

/** Whether a text contains a secret: unchanged, URL-encoded, in hexadecimal or inside a base64 token. */
export function carries(text: string, secret: string): boolean {
  if (secret === '') return false;
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const lower = text.toLowerCase();
  if (plain.some((form) => text.includes(form))) return true;
  if (lower.includes(Buffer.from(secret).toString('hex'))) return true;
  // With text before it, a token may start at any of four offsets.
  const tokens = (text.match(BASE64) ?? []).flatMap((token) => [0, 1, 2, 3].map((start) => token.slice(start)));
  return tokens.some((token) => Buffer.from(token, 'base64').includes(secret));
}

/** How a careless vendor may disclose a secret. */
export function formsOf(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(`user:${secret}`).toString('base64'),
    Buffer.from(`${secret}:`).toString('base64'),
    Buffer.from(`\0user\0${secret}`).toString('base64'),
  ];
}
