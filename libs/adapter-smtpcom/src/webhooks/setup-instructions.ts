import type { SetupInstruction } from '@score-crm/adapter-kit';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { callbackAddress, eventAddress } from './callback-address.ts';
import { REGISTERED_EVENTS, type RegisteredEvent } from './vendor-events.ts';

const MEANINGS: Readonly<Record<RegisteredEvent, string>> = {
  delivered: 'messages that were delivered',
  failed: 'messages that bounced',
  hard_bounced: 'addresses that do not exist',
  bounceback: 'notices of failure that come back later',
  queued: 'messages that wait for another attempt',
  complained: 'complaints about spam',
  opened: 'opens',
  clicked: 'clicks',
  unsubscribed: 'unsubscriptions',
};

/** What to do by hand where the API shall not do it. The names are those of older pages: today's may differ. */
export function setupInstructions(url: string, settings: SmtpcomSettings): readonly SetupInstruction[] {
  return [
    {
      title: 'Open the channel',
      text: `Log in to my.smtp.com, go to Channels (or Senders) and open “${settings.channel}”.`,
    },
    {
      title: 'Find its callbacks',
      text: 'They are called Callbacks, Notifications or Webhooks. Each event has a callback, and each callback an address of its own, below. If another system has the callback of an event, leave it there: there is one for each event, and the two would take it from each other.',
    },
    ...REGISTERED_EVENTS.map((event) => ({
      title: `Callback for “${event}”`,
      text: `It tells of ${MEANINGS[event]}. Choose the medium HTTP, paste this address and save.`,
      value: eventAddress(url, settings, event),
    })),
    {
      title: 'Where there is one address for all events',
      text: 'Older pages have a single address and a box for each event. Paste this one there, and tick all of the events.',
      value: callbackAddress(url, settings),
    },
    {
      title: 'Look at the tracking',
      text: 'Opens, clicks and unsubscriptions are only reported if they are tracked, which is a setting of the channel.',
    },
    {
      title: 'Try it out',
      text: 'Send a message through this connection. Its events appear here; what SMTP.com tried to post is in the channel’s callback log.',
    },
  ];
}
