const CONTENT_ID = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]+$/;

/** Returns a content ID without the angle brackets around it, if any, or undefined if it is invalid. */
export function bareContentId(text: string): string | undefined {
  const bare = /^<(.*)>$/.exec(text)?.[1] ?? text;
  return CONTENT_ID.test(bare) ? bare : undefined;
}
