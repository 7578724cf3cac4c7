import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';

/** Keys that a sandbox knows; each but the first brings one of the documented errors about. */
export const SANDBOX_KEYS = {
  working: 'SG.sandbox-working.aV9kUeW2QpLrT5xYzB3nMc',
  noMailScope: 'SG.sandbox-no-mail-scope.aV9kUeW2QpLrT5xYzB3nMc',
  noCredits: 'SG.sandbox-no-credits.aV9kUeW2QpLrT5xYzB3nMc',
  unverifiedSender: 'SG.sandbox-unverified-sender.aV9kUeW2QpLrT5xYzB3nMc',
  rateLimited: 'SG.sandbox-rate-limited.aV9kUeW2QpLrT5xYzB3nMc',
  serverError: 'SG.sandbox-server-error.aV9kUeW2QpLrT5xYzB3nMc',
  unavailable: 'SG.sandbox-unavailable.aV9kUeW2QpLrT5xYzB3nMc',
  hanging: 'SG.sandbox-hanging.aV9kUeW2QpLrT5xYzB3nMc',
  notJson: 'SG.sandbox-not-json.aV9kUeW2QpLrT5xYzB3nMc',
} as const;

const SCOPES = [
  'mail.send',
  'mail.batch.create',
  'user.webhooks.event.settings.create',
  'user.webhooks.event.settings.read',
  'user.webhooks.event.settings.update',
  'user.webhooks.event.settings.delete',
  'user.webhooks.event.test.create',
  '2fa_required',
  'sender_verification_eligible',
];
const RATE_LIMIT_MS = 30_000;

const FAILURES: ReadonlyMap<string, () => SandboxAnswer> = new Map<string, () => SandboxAnswer>([
  [SANDBOX_KEYS.noMailScope, () => answers.noScope],
  [SANDBOX_KEYS.noCredits, () => answers.noCredits],
  [SANDBOX_KEYS.unverifiedSender, () => answers.unverifiedSender],
  [SANDBOX_KEYS.rateLimited, () => answers.rateLimited(new Date(Date.now() + RATE_LIMIT_MS))],
  [SANDBOX_KEYS.serverError, () => answers.serverError],
  [SANDBOX_KEYS.unavailable, () => answers.unavailable],
  [SANDBOX_KEYS.hanging, () => 'hang'],
  [SANDBOX_KEYS.notJson, () => answers.notJson],
]);

/** What stands in the way of a request with this `Authorization`, if anything does. */
export function refusalOf(authorization: string | undefined, isMailSend: boolean): SandboxAnswer | undefined {
  if (authorization === undefined) return answers.noKey;
  const key = /^Bearer (\S+)$/.exec(authorization)?.[1] ?? '';
  if (!(Object.values(SANDBOX_KEYS) as string[]).includes(key)) return answers.wrongKey;
  // A key's scopes can be read whatever is wrong with sending.
  const isAboutSending: readonly string[] = [
    SANDBOX_KEYS.noMailScope,
    SANDBOX_KEYS.noCredits,
    SANDBOX_KEYS.unverifiedSender,
  ];
  return isMailSend || !isAboutSending.includes(key) ? FAILURES.get(key)?.() : undefined;
}

export function scopesOf(authorization: string | undefined): readonly string[] {
  return authorization === `Bearer ${SANDBOX_KEYS.noMailScope}`
    ? SCOPES.filter((scope) => scope !== 'mail.send')
    : SCOPES;
}
