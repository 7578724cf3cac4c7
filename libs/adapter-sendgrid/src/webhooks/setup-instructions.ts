import type { SetupInstruction } from '@score-crm/adapter-kit';

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook */
export function setupInstructions(url: string): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the event webhooks',
      text: 'Log in to app.sendgrid.com and go to Settings, Mail Settings, Event Webhooks. If the API key belongs to a subuser, do this as that subuser.',
    },
    {
      title: 'Create a webhook',
      text: 'Choose “Create new webhook”, enter a friendly name, leave it enabled and paste this URL as the Post URL. No other webhook of the account can have the same URL.',
      value: url,
    },
    {
      title: 'Choose the events',
      text: 'Select all deliverability events (Processed, Dropped, Deferred, Bounced, Delivered) and all engagement events (Opened, Clicked, Unsubscribed, Spam Reports, Group Unsubscribes, Group Resubscribes).',
    },
    {
      title: 'Turn on signing',
      text: 'Under security features, turn on Signed Event Webhook and save. On older pages it is a separate row, “Signed Event Webhook Requests”, with “Generate Verification Key”.',
    },
    {
      title: 'Copy the verification key',
      text: 'Open the webhook again, copy the Verification Key, paste it here as the webhook signing key and save the connection. Turning off signing at SendGrid destroys the key; you must then paste the new one.',
    },
    {
      title: 'Test it',
      text: 'Choose “Test Integration” at SendGrid. The test event appears here within a minute.',
    },
    {
      title: 'Check the tracking settings',
      text: 'Opens and clicks are reported only if they are turned on under Settings, Tracking. Unsubscribes need Subscription Tracking.',
    },
  ];
}
