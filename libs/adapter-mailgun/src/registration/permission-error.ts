import { AdapterError } from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import { probeSending } from '../diagnosis/probe-sending.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/** Explains the refusal of a key: one that may send is no wrong one, but lacks the permission. */
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
    hint: 'The API key may not manage webhooks: a sending key cannot, and an account key needs the role Admin or Developer (Webhooks: Read/Write). Use such a key, or set the webhook up by hand.',
  });
}

async function maySend(api: MailgunApi, settings: MailgunSettings, signal: AbortSignal | undefined): Promise<boolean> {
  return probeSending(api, settings, signal).then(
    () => true,
    () => false,
  );
}
