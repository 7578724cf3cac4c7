const BASE64 = /[A-Za-z0-9+/_-]{8,}/g;

/** Whether a text holds a secret: as it is, URL-encoded, in hexadecimal or inside of a base64 token. */
export function carries(text: string, secret: string): boolean {
  if (secret === '') return false;
  const plain = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const lower = text.toLowerCase();
  if (plain.some((form) => text.includes(form))) return true;
  if (lower.includes(Buffer.from(secret).toString('hex'))) return true;
  // Where something stands before it, a token may begin at any of four places.
  const tokens = (text.match(BASE64) ?? []).flatMap((token) => [0, 1, 2, 3].map((start) => token.slice(start)));
  return tokens.some((token) => Buffer.from(token, 'base64').includes(secret));
}

/** What a careless vendor may say of a secret. */
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
