import { createScrubber, type Scrubber } from '@score-crm/adapter-kit';
import type { SparkpostSettings } from './sparkpost.settings.ts';

/** Removes the settings' secrets from the vendor's texts. */
export function settingsScrubber({ apiKey, webhookPassword = '', webhookToken = '' }: SparkpostSettings): Scrubber {
  return createScrubber([apiKey, webhookPassword, webhookToken]);
}
