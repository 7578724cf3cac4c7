import type { SandboxAnswer } from '@score-crm/adapter-kit/sandbox';
import { answers } from './answers.ts';

/** The keys of the sandbox. Each except the first causes one of the documented errors in at least one call. */
export const SANDBOX_KEYS = {
  working: 'SG.sandbox-working.aV9kUeW2QpLrT5xYzB3nMc',
  noMailScope: 'SG.sandbox-no-mail-scope.aV9kUeW2QpLrT5xYzB3nMc',
  noWebhookScope: 'SG.sandbox-no-webhook-scope.aV9kUeW2QpLrT5xYzB3nMc',
  noWebhookUpdate: 'SG.sandbox-no-webhook-update.aV9kUeW2QpLrT5xYzB3nMc',
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
const LACKING: ReadonlyMap<string, RegExp> = new Map([
  [SANDBOX_KEYS.noMailScope, /^mail\.send$/],
  [SANDBOX_KEYS.noWebhookScope, /^user\.webhooks\./],
  [SANDBOX_KEYS.noWebhookUpdate, /^user\.webhooks\.event\.settings\.update$/],
]);
const RATE_LIMIT_MS = 30_000;

type Failures = ReadonlyMap<string, () => SandboxAnswer>;

const FAILURES: Failures = new Map<string, () => SandboxAnswer>([
  [SANDBOX_KEYS.rateLimited, () => answers.rateLimited(new Date(Date.now() + RATE_LIMIT_MS))],
  [SANDBOX_KEYS.serverError, () => answers.serverError],
  [SANDBOX_KEYS.unavailable, () => answers.unavailable],
  [SANDBOX_KEYS.hanging, () => 'hang'],
  [SANDBOX_KEYS.notJson, () => answers.notJson],
]);
const MAIL_FAILURES: Failures = new Map<string, () => SandboxAnswer>([
  [SANDBOX_KEYS.noCredits, () => answers.noCredits],
  [SANDBOX_KEYS.unverifiedSender, () => answers.unverifiedSender],
]);

/** Returns the rejection of a call with this `Authorization` that needs this scope, or undefined. */
export function refusalOf(authorization: string | undefined, scope: string | undefined): SandboxAnswer | undefined {
  if (authorization === undefined) return answers.noKey;
  const key = keyIn(authorization);
  if (!(Object.values(SANDBOX_KEYS) as string[]).includes(key)) return answers.wrongKey;
  if (scope !== undefined && !scopesOf(authorization).includes(scope)) return answers.noScope;
  const failure = FAILURES.get(key) ?? (scope === 'mail.send' ? MAIL_FAILURES.get(key) : undefined);
  return failure?.();
}

/** Returns the scopes of the key of this `Authorization`. */
export function scopesOf(authorization: string | undefined): readonly string[] {
  const lacking = LACKING.get(keyIn(authorization));
  return lacking === undefined ? SCOPES : SCOPES.filter((scope) => !lacking.test(scope));
}

function keyIn(authorization = ''): string {
  return /^Bearer (\S+)$/.exec(authorization)?.[1] ?? '';
}
