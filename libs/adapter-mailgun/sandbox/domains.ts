/** The domains of the sandbox: those of the account, in each state. */
export const SANDBOX_DOMAINS = {
  working: 'mg.sender.example',
  unverified: 'unverified.sender.example',
  disabled: 'disabled.sender.example',
  /** Each account has one: it sends only to authorized recipients, and there are none. */
  sandbox: 'sandbox0123456789abcdef0123456789abcdef.mailgun.org',
} as const;

const STATES: ReadonlyMap<string, 'active' | 'unverified' | 'disabled'> = new Map([
  [SANDBOX_DOMAINS.working, 'active'],
  [SANDBOX_DOMAINS.unverified, 'unverified'],
  [SANDBOX_DOMAINS.disabled, 'disabled'],
  [SANDBOX_DOMAINS.sandbox, 'active'],
]);

/** Returns a domain as the API shows it, or undefined if there is none of this name. */
export function domainJson(name: string): object | undefined {
  const state = STATES.get(name);
  if (state === undefined) return undefined;
  return {
    domain: {
      created_at: 'Thu, 13 Oct 2011 18:02:00 GMT',
      id: '123456789012345678901234',
      name,
      require_tls: false,
      smtp_login: `postmaster@${name}`,
      spam_action: 'disabled',
      state,
      type: name === SANDBOX_DOMAINS.sandbox ? 'sandbox' : 'custom',
      web_prefix: 'email',
      web_scheme: 'https',
      ...(state === 'disabled'
        ? { disabled: { code: 'abuse', reason: 'Too many complaints', permanently: false } }
        : {}),
    },
    receiving_dns_records: [],
    sending_dns_records: [],
  };
}
