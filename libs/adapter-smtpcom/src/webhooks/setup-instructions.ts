import type { SetupInstruction } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { callbackAddress, eventAddress } from './callback-address.ts';
import { REGISTERED_EVENTS, type RegisteredEvent } from './vendor-events.ts';

const REPORTS: Readonly<Record<RegisteredEvent, string>> = {
  delivered: 'messages that were delivered',
  failed: 'messages that bounced',
  hard_bounced: 'addresses that do not exist',
  bounceback: 'failure notices that are returned later',
  queued: 'messages that wait for another attempt',
  complained: 'complaints about spam',
  opened: 'opens',
  clicked: 'clicks',
  unsubscribed: 'unsubscriptions',
};

/** Returns the steps of the manual setup. The names are those of older pages: current ones may differ. */
export function setupInstructions(url: string, settings: SmtpcomSettings): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the channel',
      text: `Log in to my.smtp.com, go to Channels (or Senders) and open “${settings.channel}”.`,
    },
    {
      title: 'Find its callbacks',
      text: 'They are called Callbacks, Notifications or Webhooks. Each event has a separate callback, and each callback a separate URL, below. If another system uses the callback of an event, do not replace it: there is only one for each event.',
    },
    ...REGISTERED_EVENTS.map((event) => ({
      title: `Callback for “${event}”`,
      text: `It reports ${REPORTS[event]}. Choose the medium HTTP, paste this URL and save.`,
      value: eventAddress(url, settings, event),
    })),
    {
      title: 'If there is one URL for all events',
      text: 'Older pages have a single URL and a checkbox for each event. Paste this URL there, and check all of the events.',
      value: callbackAddress(url, settings),
    },
    {
      title: 'Check the tracking settings',
      text: 'Opens, clicks and unsubscribes are reported only if they are tracked, which is a setting of the channel.',
    },
    {
      title: 'Test it',
      text: 'Send a message through this connection. Its events appear here; the channel’s callback log shows the requests that SMTP.com made.',
    },
  ];
}
