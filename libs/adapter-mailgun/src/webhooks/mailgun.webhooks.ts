import type {
  ParsedEvent,
  SetupInstruction,
  WebhookHead,
  WebhookHeadVerdict,
  WebhookReceiver,
  WebhookRequest,
  WebhookVerdict,
} from '@score-crm/adapter-kit';
import type { MailgunRegistration } from '../registration/mailgun.registration.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { parsePost } from './parse-post.ts';
import { setupInstructions } from './setup-instructions.ts';
import { verifySignature } from './signature.ts';

/** The webhooks of a domain. https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks */
export class MailgunWebhooks implements WebhookReceiver<MailgunSettings> {
  readonly authentication = 'signed-token';
  // One event, of which 16 KB are the sender's own data.
  readonly bodyLimit = 1024 * 1024;

  constructor(readonly registration: MailgunRegistration) {}

  /** The signature is in the body. */
  authenticateHead(_head: WebhookHead, { webhookSigningKey = '' }: MailgunSettings): WebhookHeadVerdict {
    return webhookSigningKey === '' ? 'not_configured' : 'needs_body';
  }

  authenticate({ body }: WebhookRequest, { webhookSigningKey }: MailgunSettings): WebhookVerdict {
    return verifySignature(body, webhookSigningKey);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parsePost(body);
  }

  setupInstructions(url: string, { domain }: MailgunSettings): readonly SetupInstruction[] {
    return setupInstructions(url, domain);
  }
}
