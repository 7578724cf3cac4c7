import { messagePointer } from './message-pointer.ts';
import type { Meaning, Meanings } from './response-error.ts';

// The vendor answers one refusal with several statuses.
const REFUSALS: readonly number[] = [400, 403, 420, 429];

/**
 * What the refusal of a message, or of a question about the domain, means.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 * https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses
 */
export const MAIL_MEANINGS: Meanings = [
  [
    REFUSALS,
    /limit exceeded,? try again/i,
    {
      stage: 'message',
      code: 'rate_limited',
      fault: 'vendor',
      retryable: true,
      hint: 'Mailgun takes no more from this domain for now. Wait, then try again.',
    },
  ],
  [
    REFUSALS,
    /limit exceeded|sending too fast/i,
    {
      stage: 'message',
      code: 'quota_exceeded',
      fault: 'vendor',
      retryable: true,
      hint: 'The Mailgun account has used up what it may send. Wait until it may send again, or have its limit raised there.',
    },
  ],
  [
    REFUSALS,
    /domain is unverified|requires DNS configuration/i,
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'sender',
      retryable: false,
      hint: 'Mailgun has not verified the domain. Set the DNS records that it shows for the domain, and have it check them.',
    },
  ],
  [
    REFUSALS,
    /authorized recipients/i,
    {
      stage: 'recipient',
      code: 'recipient_rejected',
      fault: 'configuration',
      retryable: false,
      hint: 'This domain or account may only send to recipients that Mailgun was told of. Use a domain of your own, or add the recipient to the authorized ones there.',
    },
  ],
  [
    REFUSALS,
    /not allowed to send/i,
    {
      stage: 'message',
      code: 'permission_denied',
      fault: 'configuration',
      retryable: false,
      hint: 'Mailgun does not let this domain send. Read its reply, and look at the account there.',
    },
  ],
  [[400], /.*/, refusedParameter],
  [
    [402],
    /.*/,
    {
      code: 'message_rejected',
      fault: 'vendor',
      hint: 'Mailgun could not do what it was asked, although nothing is wrong with the request. Read its reply, and look at the account there.',
    },
  ],
  [
    [403],
    /.*/,
    {
      stage: 'message',
      hint: 'The API key may not do this. An account key that sends has the role Admin or Developer; a sending key is good for its own domain alone.',
    },
  ],
  [
    [404],
    /domain not found/i,
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'configuration',
      hint: 'Mailgun knows no such domain in this region. Enter the domain as Mailgun lists it, and choose the region that it was made in.',
    },
  ],
  [[404, 405], /.*/, { hint: 'Mailgun knows no such call. Check the base URL.' }],
  [[413], /.*/, { hint: 'The message is too large for Mailgun. Send smaller attachments.' }],
];

function refusedParameter(words: string): Meaning {
  const pointer = messagePointer(words);
  if (pointer === undefined) return { fault: 'sender', hint: 'Mailgun refused the message. Read its reply.' };
  const hint = 'Mailgun refused a part of the message. Read its reply and correct that part.';
  if (/^\/(?:to|cc|bcc)$/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer === '/from' ? 'sender' : 'message', fault: 'sender', hint, pointer };
}
