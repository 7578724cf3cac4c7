/** A reply of an SMTP server (RFC 5321, 4.2). */
export interface SmtpReply {
  readonly code: number;
  /** RFC 3463, e.g. `5.7.8`. */
  readonly enhancedCode?: string;
  /** The whole reply on one line. */
  readonly text: string;
}

const REPLY = /^([2-5]\d\d)(?:$|[ -](?:([245]\.\d{1,3}\.\d{1,3})(?!\S))?)/;

/** Reads a reply; undefined for text that no SMTP server sends. */
export function parseReply(response: string): SmtpReply | undefined {
  const match = REPLY.exec(response);
  if (match?.[1] === undefined) return undefined;
  return {
    code: Number(match[1]),
    ...(match[2] === undefined ? {} : { enhancedCode: match[2] }),
    // eslint-disable-next-line no-control-regex -- a reply of several lines is shown on one
    text: response.replace(/[\0-\x1f\x7f]+/g, ' ').trim(),
  };
}
