import { AdapterError } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import { probeSending } from '../diagnosis/probe-sending.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/** Explains the rejection of a key: one that can send is valid, but lacks the permission. */
export async function permissionError(
  refusal: AdapterError,
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal | undefined,
): Promise<AdapterError> {
  if (refusal.details.status === 401 && !(await maySend(api, settings, signal))) return refusal;
  return new AdapterError({
    ...refusal.details,
    stage: 'webhook',
    code: 'permission_denied',
    hint: 'The API key cannot manage webhooks. Use an account key with the role Admin or Developer (Webhooks: Read/Write), or set the webhook up manually.',
  });
}

async function maySend(api: MailgunApi, settings: MailgunSettings, signal: AbortSignal | undefined): Promise<boolean> {
  return probeSending(api, settings, signal).then(
    () => true,
    () => false,
  );
}
