import type { SandboxAnswer, SandboxRequest } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';
import { SANDBOX_DOMAINS } from './domains.ts';

/** The keys of the sandbox. Each except the first has fewer permissions, or causes one of the documented errors. */
export const SANDBOX_KEYS = {
  working: 'sandbox-working-0123456789abcdef-01234567-89abcdef',
  /** A sending key of the working domain. */
  sending: 'sandbox-sending-0123456789abcdef-01234567-89abcdef',
  /** Account keys with these roles. */
  analyst: 'sandbox-analyst-0123456789abcdef-01234567-89abcdef',
  developer: 'sandbox-developer-0123456789abcdef-01234567-89abcdef',
  /** Of an account that has used up its sending limit. */
  limited: 'sandbox-limited-0123456789abcdef-01234567-89abcdef',
  rateLimited: 'sandbox-rate-limited-0123456789abcdef-01234567-89abcdef',
  serverError: 'sandbox-server-error-0123456789abcdef-01234567-89abcdef',
  unavailable: 'sandbox-unavailable-0123456789abcdef-01234567-89abcdef',
  hanging: 'sandbox-hanging-0123456789abcdef-01234567-89abcdef',
  notJson: 'sandbox-not-json-0123456789abcdef-01234567-89abcdef',
} as const;

const RATE_LIMIT_S = 30;
const KNOWN: ReadonlySet<string> = new Set(Object.values(SANDBOX_KEYS));
const MESSAGES = /^\/v3\/([^/]+)\/messages$/;

const FAILURES: ReadonlyMap<string, SandboxAnswer> = new Map<string, SandboxAnswer>([
  [SANDBOX_KEYS.rateLimited, answers.rateLimitedFor(SANDBOX_DOMAINS.working, RATE_LIMIT_S)],
  [SANDBOX_KEYS.serverError, answers.serverError],
  [SANDBOX_KEYS.unavailable, answers.unavailable],
  [SANDBOX_KEYS.hanging, 'hang'],
  [SANDBOX_KEYS.notJson, answers.notJson],
]);

/**
 * Returns the rejection of a call with this key, or undefined.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt/rbac-mgmt
 */
export function refusalOf({ method, path, headers }: SandboxRequest): SandboxAnswer | undefined {
  const [, domain] = MESSAGES.exec(path) ?? [];
  const refused = domain === undefined ? answers.wrongKey : answers.forbidden;
  const key = keyIn(headers.authorization);
  if (!KNOWN.has(key)) return refused;
  if (key === SANDBOX_KEYS.sending) return domain === SANDBOX_DOMAINS.working ? undefined : refused;
  if (key === SANDBOX_KEYS.analyst && method !== 'GET') return answers.noPermission;
  if (key !== SANDBOX_KEYS.working && path.startsWith('/v5/')) return FAILURES.get(key) ?? answers.noPermission;
  if (key === SANDBOX_KEYS.limited && domain !== undefined) return answers.recipientLimit(domain);
  return FAILURES.get(key);
}

function keyIn(authorization = ''): string {
  const [, token = ''] = /^Basic (\S+)$/.exec(authorization) ?? [];
  return /^api:(.*)$/.exec(Buffer.from(token, 'base64').toString())?.[1] ?? '';
}
