const CONTENT_ID = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]+$/;

/** An attachment's id without the angle brackets that it may have around it; undefined if it is not an id. */
export function bareContentId(text: string): string | undefined {
  const bare = /^<(.*)>$/.exec(text)?.[1] ?? text;
  return CONTENT_ID.test(bare) ? bare : undefined;
}
