import type { AppliedRateLimit } from './rate-limit.ts';

/**
 * The headers `RateLimit-Policy` and `RateLimit` as lists of structured fields (RFC 9651).
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimitHeaders(applied: readonly AppliedRateLimit[]): Record<string, string> {
  if (applied.length === 0) return {};
  const policies = applied.map(({ policy }) => item(policy.name, { q: policy.requests, w: policy.windowS }));
  const states = applied.map(({ policy, state }) =>
    item(policy.name, { r: state.remaining, t: Math.ceil(state.resetMs / 1000) }),
  );
  return { 'ratelimit-policy': policies.join(', '), ratelimit: states.join(', ') };
}

function item(name: string, parameters: Readonly<Record<string, number>>): string {
  return [`"${name}"`, ...Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`)].join(';');
}
