import { AdapterError } from '@score-crm/adapter-kit';
import type { SendgridApi } from '../api/sendgrid-api.ts';
import { WEBHOOK_SCOPES } from '../assumptions.ts';
import { readScopes } from '../diagnosis/read-scopes.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';

/**
 * Explains a 403 by the scopes that the key lacks. The scopes are read only for the explanation; the vendor decides.
 */
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
    return `SendGrid denied access although the API key has the scopes for event webhooks (${WEBHOOK_SCOPES.join(', ')}). Grant it full access, check IP access management, or set the webhook up manually.`;
  }
  return `The API key cannot manage event webhooks. Grant it full access or these scopes at SendGrid, or set the webhook up manually: ${missing.join(', ')}.`;
}
