import { type RegistrationTarget, sameSecret } from '@score-crm/adapter-kit';
import type { WebhookUrls } from './domain-webhooks.ts';

/** What differs from what would be registered now, each as a sentence. */
export function driftOf(
  urls: WebhookUrls,
  { url, vendorId }: RegistrationTarget,
  signingKey: { readonly stored: string; readonly current: string | undefined },
): readonly string[] {
  const unreported = [...urls].filter(([, told]) => !told.includes(url)).map(([type]) => type);
  const isMoved = unreported.length === urls.size;
  const isElsewhere = vendorId !== url && [...urls.values()].some((told) => told.includes(vendorId ?? ''));
  return [
    ...(isMoved ? ['Mailgun posts to another address.'] : []),
    ...(!isMoved && unreported.length > 0 ? [`Mailgun does not report these events: ${unreported.join(', ')}.`] : []),
    ...(!isMoved && isElsewhere ? ['Mailgun posts to an earlier address as well.'] : []),
    ...keyDrift(signingKey),
  ];
}

function keyDrift({ stored, current }: { readonly stored: string; readonly current: string | undefined }): string[] {
  if (stored === '') return ['The webhook signing key is not stored here, so that all events are refused.'];
  if (current === undefined || sameSecret(stored, current)) return [];
  return ['Mailgun signs with another key than the stored one, so that its events are refused.'];
}
