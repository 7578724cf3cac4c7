import { type FieldError, jsonPointer, parseEmailAddress } from '@score-crm/adapter-kit';

export const MAX_SENDER_DOMAINS = 100;

const WILDCARD = '*.';

/**
 * Reads the domains that a connection may send from: `example.com` is that domain alone, `*.example.com` every domain
 * below it. Null, absent and an empty list mean that there is no restriction.
 * @returns them in lower case and as A-labels, each once; null without a restriction. Faults are added to `errors`.
 */
export function readSenderDomains(value: unknown, errors: FieldError[]): readonly string[] | null {
  const pointer = jsonPointer('allowedSenderDomains');
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) {
    errors.push({ pointer, code: 'wrong_type', message: 'Send an array of domains, such as ["example.com"].' });
    return null;
  }
  if (value.length > MAX_SENDER_DOMAINS) {
    const message = `A connection has at most ${String(MAX_SENDER_DOMAINS)} sender domains. Remove some.`;
    errors.push({ pointer, code: 'too_many', message });
    return null;
  }
  const domains = value.map((entry: unknown, index) => {
    const domain = canonicalDomain(entry);
    if (domain === undefined) {
      const message = 'This is not a domain. Write it as example.com, or *.example.com for all domains below it.';
      errors.push({ pointer: jsonPointer('allowedSenderDomains', index), code: 'invalid_domain', message });
    }
    return domain ?? '';
  });
  return domains.length === 0 ? null : [...new Set(domains)];
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
  const message =
    'This connection does not send from the domain of this address. Use one of its allowed sender domains.';
  return { pointer, code: 'sender_domain_not_allowed', message };
}

function canonicalDomain(entry: unknown): string | undefined {
  if (typeof entry !== 'string') return undefined;
  const text = entry.trim();
  const wildcard = text.startsWith(WILDCARD) ? WILDCARD : '';
  const domain = parseEmailAddress(`postmaster@${text.slice(wildcard.length)}`)?.domain;
  return domain === undefined ? undefined : wildcard + domain;
}
