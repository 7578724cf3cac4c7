import { AdapterError } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import { WEBHOOK_SCOPES } from '../assumptions.ts';
import { readScopes } from '../diagnosis/read-scopes.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';

/** Explains a 403 by the permissions that the key lacks. The vendor decides; the scopes are only read to tell why. */
export async function permissionError(
  refusal: AdapterError,
  api: SendgridApi,
  settings: SendgridSettings,
  signal: AbortSignal | undefined,
): Promise<AdapterError> {
  const held = await readScopes(api, settings, signal).catch(() => new Set<string>());
  const missing = WEBHOOK_SCOPES.filter((scope) => !held.has(scope));
  return new AdapterError({ ...refusal.details, stage: 'webhook', code: 'permission_denied', hint: hint(missing) });
}

function hint(missing: readonly string[]): string {
  if (missing.length === 0) {
    return `The API key has the permissions for event webhooks (${WEBHOOK_SCOPES.join(', ')}), yet SendGrid refuses. Give it full access, check that SendGrid’s IP access management lets this server in, or set the webhook up by hand.`;
  }
  return `The API key may not manage event webhooks. Give it these permissions, or full access, at SendGrid: ${missing.join(', ')}. Or set the webhook up by hand.`;
}
