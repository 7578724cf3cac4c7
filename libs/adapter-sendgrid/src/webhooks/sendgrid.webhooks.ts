import {
  type ParsedEvent,
  parseJsonBatch,
  type SetupInstruction,
  singleValue,
  type WebhookHead,
  type WebhookHeadVerdict,
  type WebhookReceiver,
  type WebhookRequest,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import type { SendgridRegistration } from '../registration/sendgrid.registration.ts';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { parseEvent } from './parse-event.ts';
import { setupInstructions } from './setup-instructions.ts';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, verifySignature } from './signature.ts';

/**
 * The Event Webhook.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export class SendgridWebhooks implements WebhookReceiver<SendgridSettings> {
  readonly authentication = 'signature';
  // The vendor sends a request at 768 KB or after 30 seconds; one that grew beyond that must not be lost.
  readonly bodyLimit = 4 * 1024 * 1024;

  constructor(readonly registration: SendgridRegistration) {}

  authenticateHead({ headers }: WebhookHead, { webhookSigningKey = '' }: SendgridSettings): WebhookHeadVerdict {
    if (webhookSigningKey === '') return 'not_configured';
    const isSigned = [SIGNATURE_HEADER, TIMESTAMP_HEADER].every((name) => singleValue(headers[name]) !== '');
    return isSigned ? 'needs_body' : 'missing';
  }

  authenticate(request: WebhookRequest, { webhookSigningKey }: SendgridSettings): WebhookVerdict {
    return verifySignature(request, webhookSigningKey);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parseJsonBatch(body, parseEvent);
  }

  setupInstructions(url: string): readonly SetupInstruction[] {
    return setupInstructions(url);
  }
}
