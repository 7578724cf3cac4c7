import { createScrubber, type Scrubber } from '@score-crm/adapter-kit';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/** Removes the secrets of the settings from the vendor's texts. */
export function scrubberOf({ apiKey, webhookSigningKey = '' }: MailgunSettings): Scrubber {
  return createScrubber([apiKey, webhookSigningKey]);
}
