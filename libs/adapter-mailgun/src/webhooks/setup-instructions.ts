import type { SetupInstruction } from '@score-crm/adapter-kit';

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/configuring-webhooks */
export function setupInstructions(url: string, domain: string): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the webhooks',
      text: 'Log in to app.mailgun.com and go to Send, Sending, Webhooks. Each region has webhooks of its own: choose that of the domain.',
    },
    {
      title: 'Add a webhook',
      text: `Press “Add webhook”, choose the domain level, take the domain ${domain} and paste this URL. Mailgun keeps three URLs for each type of event.`,
      value: url,
    },
    {
      title: 'Choose the events',
      text: 'Tick all of them: Accepted, Delivered, Opened, Clicked, Unsubscribed, Spam Complaints, Permanent Failure and Temporary Failure. Then create the webhook.',
    },
    {
      title: 'Copy the signing key',
      text: 'On the same page, or under Account settings, API security, copy the HTTP webhook signing key. It is no API key. Paste it here as the webhook signing key and save the connection.',
    },
    {
      title: 'Test it',
      text: 'Press “Test webhook” at Mailgun for this URL. The test appears here within a minute; a change at Mailgun may take ten minutes to be in force.',
    },
    {
      title: 'Look at the tracking',
      text: 'Opens, clicks and unsubscribes are only reported if the tracking settings of the domain have them on.',
    },
  ];
}
