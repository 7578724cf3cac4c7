/** The `results` of `GET /sending-domains`: the domains of the verified senders, and an unverified one. */
export function sendingDomains(verifiedSenders: readonly string[] = ['@sender.example']): readonly object[] {
  const domains = new Set(verifiedSenders.map((sender) => sender.slice(sender.indexOf('@') + 1)));
  return [
    ...[...domains].map((domain) => sendingDomain(domain, true, 'valid')),
    sendingDomain('unverified.example', false, 'valid'),
    sendingDomain('blocked.example', true, 'blocked'),
  ];
}

function sendingDomain(domain: string, ownership_verified: boolean, compliance_status: string): object {
  const checked = ownership_verified ? 'valid' : 'unverified';
  const status = { ownership_verified, dkim_status: checked, cname_status: 'unverified', compliance_status };
  return { domain, status, shared_with_subaccounts: false, is_default_bounce_domain: false };
}
