import { createScrubber, type Scrubber } from '@score-crm/adapter-kit';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/** Removes the secrets of the settings from whatever the vendor says. */
export function scrubberOf({ apiKey, webhookSigningKey = '' }: MailgunSettings): Scrubber {
  return createScrubber([apiKey, webhookSigningKey]);
}
