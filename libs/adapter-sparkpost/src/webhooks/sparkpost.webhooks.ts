import {
  type ParsedEvent,
  parseJsonBatch,
  type SetupInstruction,
  type WebhookHead,
  type WebhookReceiver,
  type WebhookRegistration,
  type WebhookRequest,
  type WebhookVerdict,
} from '@score-crm/adapter-kit';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { authenticate } from './authentication.ts';
import { parseItem } from './parse-item.ts';
import { setupInstructions } from './setup-instructions.ts';

/**
 * The event webhooks.
 * https://developers.sparkpost.com/api/webhooks
 */
export class SparkpostWebhooks implements WebhookReceiver<SparkpostSettings> {
  readonly authentication = 'shared-secret';
  // 350 events and more, each with up to 10 KB of metadata; the vendor recommends setting no limit.
  readonly bodyLimit = 10 * 1024 * 1024;

  constructor(readonly registration: WebhookRegistration<SparkpostSettings>) {}

  authenticateHead(head: WebhookHead, settings: SparkpostSettings): WebhookVerdict {
    return authenticate(head, settings);
  }

  authenticate(request: WebhookRequest, settings: SparkpostSettings): WebhookVerdict {
    return authenticate(request, settings);
  }

  parse({ body }: WebhookRequest): readonly ParsedEvent[] {
    return parseJsonBatch(body, parseItem);
  }

  setupInstructions(url: string, settings: SparkpostSettings): readonly SetupInstruction[] {
    return setupInstructions(url, settings);
  }
}
