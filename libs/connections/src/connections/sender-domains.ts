import { type FieldError, parseEmailAddress } from '@score-crm/adapter-kit';

export const MAX_SENDER_DOMAINS = 100;

const WILDCARD = '*.';

/** Why a text is not a domain that a connection can be limited to; undefined if it is. */
export function senderDomainProblem(text: string): string | undefined {
  if (canonicalDomain(text) !== undefined) return undefined;
  return 'This is not a domain. Use example.com, or *.example.com for all its subdomains.';
}

/**
 * The domains that a connection may send from: `example.com` is that domain alone, `*.example.com` every domain below it.
 * @returns them in lower case and as A-labels, each once; null (no restriction) for null and an empty list
 */
export function canonicalDomains(domains: readonly string[] | null): readonly string[] | null {
  if (domains === null || domains.length === 0) return null;
  return [...new Set(domains.map((domain) => canonicalDomain(domain) ?? domain))];
}

/** Whether a connection with these domains may send from an address. */
export function isSenderAllowed(email: string, domains: readonly string[] | null): boolean {
  if (domains === null) return true;
  const domain = parseEmailAddress(email)?.domain;
  if (domain === undefined) return false;
  return domains.some((allowed) =>
    allowed.startsWith(WILDCARD) ? domain.endsWith(allowed.slice(1)) : domain === allowed,
  );
}

export function senderNotAllowed(pointer: string): FieldError {
  const message = 'The connection may not send from the domain of this address. Use one of its allowed sender domains.';
  return { pointer, code: 'sender_domain_not_allowed', message };
}

function canonicalDomain(entry: string): string | undefined {
  const text = entry.trim();
  const wildcard = text.startsWith(WILDCARD) ? WILDCARD : '';
  const domain = parseEmailAddress(`postmaster@${text.slice(wildcard.length)}`)?.domain;
  return domain === undefined ? undefined : wildcard + domain;
}
