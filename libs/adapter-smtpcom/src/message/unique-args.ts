const NON_ASCII = /[\u007f-\uffff]/g;

/**
 * Metadata in the form of the header `X-SMTPAPI`: SMTP.com returns them with each event. In ASCII, so that the header
 * needs no encoding, and with spaces, at which it may be folded.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide
 */
export function uniqueArgs(metadata: Readonly<Record<string, string>>): string {
  return JSON.stringify({ unique_args: metadata }, null, 1)
    .replace(/\n */g, ' ')
    .replace(NON_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
