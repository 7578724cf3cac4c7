import { type RegistrationTarget, sameSecret } from '@score-crm/adapter-kit';
import type { WebhookUrls } from './domain-webhooks.ts';

/** Returns the differences from what would be registered now, each as a sentence. */
export function driftOf(
  urls: WebhookUrls,
  { url, vendorId }: RegistrationTarget,
  signingKey: { readonly stored: string; readonly current: string | undefined },
): readonly string[] {
  const unreported = [...urls].filter(([, used]) => !used.includes(url)).map(([type]) => type);
  const isMoved = unreported.length === urls.size;
  const isElsewhere = vendorId !== url && [...urls.values()].some((used) => used.includes(vendorId ?? ''));
  return [
    ...(isMoved ? ['Mailgun posts to a different URL.'] : []),
    ...(!isMoved && unreported.length > 0 ? [`Mailgun does not report these events: ${unreported.join(', ')}.`] : []),
    ...(!isMoved && isElsewhere ? ['Mailgun also posts to an earlier URL.'] : []),
    ...keyDrift(signingKey),
  ];
}

function keyDrift({ stored, current }: { readonly stored: string; readonly current: string | undefined }): string[] {
  if (stored === '') return ['The webhook signing key is missing here, so all events are rejected.'];
  if (current === undefined || sameSecret(stored, current)) return [];
  return ['Mailgun signs with a different key than the stored one, so its events are rejected.'];
}
