import type { SetupInstruction } from '@score-crm/adapter-kit';
import { REGISTERED_EVENTS } from '../registration/registered-events.ts';
import type { Region, SparkpostSettings } from '../settings/sparkpost.settings.ts';

const CONSOLES: Readonly<Record<Region, string>> = {
  us: 'app.sparkpost.com',
  eu: 'app.eu.sparkpost.com',
  enterprise: 'the console of your Enterprise account',
};

/** The manual setup of https://developers.sparkpost.com/api/webhooks. */
export function setupInstructions(url: string, settings: SparkpostSettings): readonly SetupInstruction[] {
  const { region, webhookUsername, webhookPassword = '' } = settings;
  return [
    {
      title: 'Open the webhooks',
      text: `Log in to ${CONSOLES[region]}, go to Configuration, Webhooks and choose “Create Webhook”.`,
    },
    {
      title: 'Enter a name and the URL',
      text: 'Enter a name of at most 24 characters and paste this URL as the target. SparkPost immediately posts a test to it, so it must be reachable from the internet, by HTTPS on port 443.',
      value: url,
    },
    {
      title: 'Choose the source and the events',
      text: `If there are subaccounts, choose the one of the API key, or all. Under events choose “Select” and check ${REGISTERED_EVENTS.join(', ')}. With “All”, other events are received too, but not counted.`,
    },
    {
      title: 'Enter the username',
      text: 'Choose Basic Auth as the authentication and paste this username.',
      value: webhookUsername,
    },
    webhookPassword === ''
      ? {
          title: 'Enter the password',
          text: 'Set a webhook password for the connection first: without one no event is accepted. Then enter the same password here.',
        }
      : { title: 'Enter the password', text: 'Paste this password.', value: webhookPassword },
    {
      title: 'Create the webhook',
      text: 'Choose “Create Webhook”. “POST to webhook target URL failed” means that the test did not arrive, or that the username or password is different.',
    },
    {
      title: 'Test it',
      text: 'Open the webhook’s Test tab and send the test batch: the response must be 200. It contains no event. Events arrive from one minute after the webhook was created; the Batch Status tab shows those that failed within 24 hours.',
    },
    {
      title: 'Check the tracking settings',
      text: 'Opens and clicks are reported only if engagement tracking for the API is turned on for the account.',
    },
  ];
}
