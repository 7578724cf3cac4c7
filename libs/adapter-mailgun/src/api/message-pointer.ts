/** How the vendor's error texts name a parameter, and the message member that it is made from. */
const PARAMETERS: readonly (readonly [words: RegExp, pointer: string])[] = [
  [/\b(?:to|cc|bcc|from|subject)\b(?=['’]? parameter)/i, ''],
  [/too many recipients/i, '/to'],
  [/['‘](?:text|html|amp-html)['’]/i, '/text'],
  [/\b(?:attachment|inline)\b/i, '/attachments'],
  [/\bo:tag\b|\btags?\b/i, '/tags'],
  [/\bo:deliverytime\b|delivery time|RFC-2822 compliant date/i, '/sendAt'],
  [/header name/i, '/headers'],
];

/**
 * Returns the pointer of a parameter named in the vendor's error text: `/to` for “to parameter is not a valid address”.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 */
export function messagePointer(words: string): string | undefined {
  const found = PARAMETERS.map(([pattern, pointer]) => [pattern.exec(words)?.[0], pointer] as const);
  const [name = '', pointer] = found.find(([match]) => match !== undefined) ?? [];
  return pointer === '' ? `/${name.toLowerCase()}` : pointer;
}
