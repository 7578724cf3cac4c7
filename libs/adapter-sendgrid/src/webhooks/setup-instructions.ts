import type { SetupInstruction } from '@score-crm/adapter-kit';

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook */
export function setupInstructions(url: string): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the event webhooks',
      text: 'Log in to app.sendgrid.com and go to Settings, Mail Settings, Event Webhooks. If the API key belongs to a subuser, do it as that subuser.',
    },
    {
      title: 'Create a webhook',
      text: 'Choose “Create new webhook”, give it a friendly name, leave it enabled and paste this URL as the Post URL. No other webhook of the account may have the same URL.',
      value: url,
    },
    {
      title: 'Choose the events',
      text: 'Tick all deliverability events (Processed, Dropped, Deferred, Bounced, Delivered) and all engagement events (Opened, Clicked, Unsubscribed, Spam Reports, Group Unsubscribes, Group Resubscribes).',
    },
    {
      title: 'Switch the signature on',
      text: 'Under security features switch on Signed Event Webhook, and save. On older pages it is a row of its own, “Signed Event Webhook Requests”, with “Generate Verification Key”.',
    },
    {
      title: 'Copy the verification key',
      text: 'Open the webhook again, copy the Verification Key, paste it here as the webhook verification key and save the connection. Switching the signature off at SendGrid destroys the key; a new one must then be pasted.',
    },
    {
      title: 'Test it',
      text: 'Press “Test Integration” at SendGrid. The test appears here within a minute.',
    },
    {
      title: 'Look at the tracking',
      text: 'Opens and clicks are only reported if Settings, Tracking has them on; unsubscribes need Subscription Tracking.',
    },
  ];
}
