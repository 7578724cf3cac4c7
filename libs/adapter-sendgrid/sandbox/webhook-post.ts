import type { WebhookPost } from '@score-crm/adapter-kit/sandbox';
import { vendorBody } from './vendor-body.ts';
import type { WebhookSigner } from './webhook-signer.ts';

/** A batch of events for a webhook; signed if the webhook has a key. */
export function webhookPost(url: string, events: readonly object[], signer: WebhookSigner | undefined): WebhookPost {
  const body = new Uint8Array(vendorBody(events));
  return { url, headers: { 'content-type': 'application/json', ...signer?.headersFor(body) }, body };
}
