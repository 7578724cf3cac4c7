import type { ParsedEvent, SetupStep, WebhookReceiver, WebhookRequest, WebhookVerdict } from '@score-crm/adapter-kit';
import type { MailgunRegistration } from '../registration/mailgun.registration.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { parsePost } from './parse-post.ts';
import { setupGuide } from './setup-guide.ts';
import { verifySignature } from './signature.ts';

/** The webhooks of a domain. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks */
export class MailgunWebhooks implements WebhookReceiver<MailgunSettings> {
  readonly proof = 'signed-token';
  // One event, whose largest part are 16 KB of the sender's own.
  readonly bodyLimit = 1024 * 1024;

  constructor(readonly registration: MailgunRegistration) {}

  /** The proof stands in the body. */
  bearsProof(): boolean {
    return true;
  }

  authenticate({ body }: WebhookRequest, { webhookSigningKey }: MailgunSettings): WebhookVerdict {
    return verifySignature(body, webhookSigningKey);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parsePost(body);
  }

  guide(url: string, { domain }: MailgunSettings): readonly SetupStep[] {
    return setupGuide(url, domain);
  }
}
