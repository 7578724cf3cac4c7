import { createScrubber, type Scrubber } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/** For whatever the vendor says, since it may repeat what it was sent. */
export function scrubberOf({ apiKey, webhookToken = '', webhookSigningKey = '' }: SmtpcomSettings): Scrubber {
  return createScrubber([apiKey, webhookToken, webhookSigningKey]);
}
