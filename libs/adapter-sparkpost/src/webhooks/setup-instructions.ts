import type { SetupInstruction } from '@score-crm/adapter-kit';
import { REGISTERED_EVENTS } from '../registration/registered-events.ts';
import type { Region, SparkpostSettings } from '../settings/sparkpost.settings.ts';

const CONSOLES: Readonly<Record<Region, string>> = {
  us: 'app.sparkpost.com',
  eu: 'app.eu.sparkpost.com',
  enterprise: 'the console of your Enterprise account',
};

/** https://developers.sparkpost.com/api/webhooks, by hand */
export function setupInstructions(url: string, settings: SparkpostSettings): readonly SetupInstruction[] {
  const { region, webhookUsername, webhookPassword = '' } = settings;
  return [
    {
      title: 'Open the webhooks',
      text: `Log in to ${CONSOLES[region]}, go to Configuration, Webhooks and choose “Create Webhook”.`,
    },
    {
      title: 'Name it and enter the URL',
      text: 'Give it a name of 24 characters at most and paste this URL as the target. SparkPost posts a test to it at once, so it must be reachable from the internet, by https on port 443.',
      value: url,
    },
    {
      title: 'Choose the source and the events',
      text: `If there are subaccounts, choose the one that the API key belongs to, or all. Under events choose “Select” and tick ${REGISTERED_EVENTS.join(', ')}. With “All” the others come too; they are kept and not counted.`,
    },
    {
      title: 'Enter the user name',
      text: 'Choose Basic Auth as the authentication and paste this user name.',
      value: webhookUsername,
    },
    webhookPassword === ''
      ? {
          title: 'Enter the password',
          text: 'Give the connection a webhook password first. Without one no event is accepted. Then enter the same here.',
        }
      : { title: 'Enter the password', text: 'Paste this password.', value: webhookPassword },
    {
      title: 'Create the webhook',
      text: 'Press “Create Webhook”. “POST to webhook target URL failed” means that the test did not arrive, or that user name or password are not these.',
    },
    {
      title: 'Test it',
      text: 'Open the webhook’s Test tab and send the test batch: the answer is 200. It holds no event. Events begin to come a minute after the webhook was made; the Batch Status tab shows those that failed within 24 hours.',
    },
    {
      title: 'Look at the tracking',
      text: 'Opens and clicks are only reported if the account’s engagement tracking for the API is on.',
    },
  ];
}
