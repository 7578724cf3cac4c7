import type { SetupInstruction } from '@score-crm/adapter-kit';

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/configuring-webhooks */
export function setupInstructions(url: string, domain: string): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the webhooks',
      text: 'Log in to app.mailgun.com and go to Send, Sending, Webhooks. Each region has separate webhooks: select the region of the domain.',
    },
    {
      title: 'Add a webhook',
      text: `Choose “Add webhook”, select the domain level and the domain ${domain}, and paste this URL. Mailgun accepts three URLs per type of event.`,
      value: url,
    },
    {
      title: 'Choose the events',
      text: 'Select all of them: Accepted, Delivered, Opened, Clicked, Unsubscribed, Spam Complaints, Permanent Failure and Temporary Failure. Then create the webhook.',
    },
    {
      title: 'Copy the signing key',
      text: 'On the same page, or under Account settings, API security, copy the HTTP webhook signing key (not an API key). Paste it here as the webhook signing key and save the connection.',
    },
    {
      title: 'Test it',
      text: 'Choose “Test webhook” at Mailgun for this URL. The test event appears here within a minute; changes at Mailgun can take ten minutes.',
    },
    {
      title: 'Check the tracking settings',
      text: 'Opens, clicks and unsubscribes are reported only if they are turned on in the domain’s tracking settings.',
    },
  ];
}
