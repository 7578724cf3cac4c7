/** Returns the path for sending a domain's messages. */
export function messagesPath(domain: string): string {
  return `/v3/${encodeURIComponent(domain)}/messages`;
}
