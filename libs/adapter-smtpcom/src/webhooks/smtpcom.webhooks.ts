import {
  type ParsedEvent,
  sameSecret,
  type SetupInstruction,
  singleValue,
  type WebhookHead,
  type WebhookHeadVerdict,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { SIGNATURE_HEADER } from '../assumptions.ts';
import { callbackAddress, EVENT_PARAMETER, TOKEN_PARAMETER } from './callback-address.ts';
import { parseBody } from './parse-body.ts';
import { parseEvent } from './parse-event.ts';
import { setupInstructions } from './setup-instructions.ts';
import { verifySignature } from './signature.ts';
import { isVendorEvent, type VendorEvent } from './vendor-events.ts';

/**
 * The callbacks. SMTP.com does not sign requests, so they are authenticated by a token in the URL and, if a signing key
 * is set, by a signature as well.
 * https://kb.smtp.com/article/2331-integration-and-callbacks-guide
 */
export class SmtpcomWebhooks implements WebhookReceiver<SmtpcomSettings> {
  readonly authentication = 'shared-secret';
  // A request contains up to 1,000 events, a number that the vendor may change.
  readonly bodyLimit = 8 * 1024 * 1024;
  readonly parameters = [EVENT_PARAMETER];

  constructor(readonly registration: WebhookRegistration<SmtpcomSettings>) {}

  authenticateHead({ query, headers }: WebhookHead, settings: SmtpcomSettings): WebhookHeadVerdict {
    const { webhookToken = '', webhookSigningKey = '' } = settings;
    if (webhookToken === '') return 'not_configured';
    const token = singleValue(query[TOKEN_PARAMETER]);
    if (token === '') return 'missing';
    if (token === undefined || !sameSecret(token, webhookToken)) return 'invalid';
    if (webhookSigningKey === '') return 'verified';
    return singleValue(headers[SIGNATURE_HEADER]) === '' ? 'missing' : 'needs_body';
  }

  authenticate(request: WebhookRequest, settings: SmtpcomSettings): WebhookVerdict {
    const verdict = this.authenticateHead(request, settings);
    return verdict === 'needs_body' ? verifySignature(request, settings.webhookSigningKey ?? '') : verdict;
  }

  parse({ query, body }: WebhookRequest): readonly ParsedEvent[] {
    const registered = registeredEvent(query);
    return parseBody(body, (item) => parseEvent(item, registered));
  }

  address(url: string, settings: SmtpcomSettings): string {
    return callbackAddress(url, settings);
  }

  setupInstructions(url: string, settings: SmtpcomSettings): readonly SetupInstruction[] {
    return setupInstructions(url, settings);
  }
}

/** An invalid parameter, or one that occurs twice, is ignored. */
function registeredEvent(query: WebhookRequest['query']): VendorEvent | undefined {
  const name = singleValue(query[EVENT_PARAMETER]) ?? '';
  return isVendorEvent(name) ? name : undefined;
}
