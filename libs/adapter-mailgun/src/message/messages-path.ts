/** Where a domain's messages are posted to. */
export function messagesPath(domain: string): string {
  return `/v3/${encodeURIComponent(domain)}/messages`;
}
