import { createScrubber, type Scrubber } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';

/** For all texts of the vendor, since it may repeat what it received. */
export function scrubberOf({ apiKey, webhookToken = '', webhookSigningKey = '' }: SmtpcomSettings): Scrubber {
  return createScrubber([apiKey, webhookToken, webhookSigningKey]);
}
