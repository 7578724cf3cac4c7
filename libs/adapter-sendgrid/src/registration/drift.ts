import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { parseVerificationKey } from '../settings/verification-key.ts';
import type { EventWebhook } from './event-webhook.ts';

/** Returns the differences from what would be registered now, each as a sentence. */
export function driftOf(entry: EventWebhook, url: string, settings: SendgridSettings): readonly string[] {
  return [
    ...(entry.url === url ? [] : ['SendGrid posts to a different URL.']),
    ...(entry.enabled ? [] : ['The event webhook is disabled at SendGrid.']),
    ...(entry.unreported.length === 0
      ? []
      : [`SendGrid does not report these events: ${entry.unreported.join(', ')}.`]),
    ...signatureDrift(entry, settings),
  ];
}

function signatureDrift({ publicKey }: EventWebhook, { webhookSigningKey = '' }: SendgridSettings): readonly string[] {
  if (publicKey === '') return ['Signed Event Webhook is disabled at SendGrid, so its events are rejected.'];
  const stored = parseVerificationKey(webhookSigningKey);
  const isStored = stored !== undefined && parseVerificationKey(publicKey)?.equals(stored) === true;
  return isStored ? [] : ['SendGrid signs with a different key than the stored one, so its events are rejected.'];
}
