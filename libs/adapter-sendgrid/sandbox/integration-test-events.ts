import { randomBytes } from 'node:crypto';

const COMMON = {
  email: 'example@test.com',
  'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
  category: ['cat facts'],
  sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
};
const READER = {
  useragent: 'Mozilla/4.0 (compatible; MSIE 6.1; Windows XP; .NET CLR 1.1.4322; .NET CLR 2.0.50727)',
  ip: '255.255.255.255',
};
const URL = { url: 'http://www.sendgrid.com/' };

const EVENTS: readonly object[] = [
  { event: 'processed' },
  { event: 'deferred', response: '400 try again later', attempt: '5' },
  { event: 'delivered', response: '250 OK' },
  { event: 'open', ...READER },
  { event: 'click', ...READER, ...URL },
  { event: 'bounce', reason: '500 unknown recipient', status: '5.0.0' },
  { event: 'dropped', reason: 'Bounced Address', status: '5.0.0' },
  { event: 'spamreport' },
  { event: 'unsubscribe' },
  { event: 'group_unsubscribe', ...READER, ...URL, asm_group_id: 10 },
  { event: 'group_resubscribe', ...READER, ...URL, asm_group_id: 10 },
];

/** The events that the console's “Test Your Integration” posts. */
export function integrationTestEvents(now: Date = new Date()): readonly object[] {
  return EVENTS.map((event) => ({
    ...COMMON,
    timestamp: Math.floor(now.getTime() / 1000),
    ...event,
    sg_event_id: randomBytes(16).toString('base64'),
  }));
}
