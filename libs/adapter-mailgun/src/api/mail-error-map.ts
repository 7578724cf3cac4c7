import { messagePointer } from './message-pointer.ts';
import type { MappedError, ErrorMap } from './response-error.ts';

// The vendor responds to the same rejection with several statuses.
const REFUSALS: readonly number[] = [400, 403, 420, 429];

/**
 * The errors for rejections of a message, or of a request about the domain.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages
 * https://documentation.mailgun.com/docs/mailgun/quickstart-guide/responses
 */
export const MAIL_ERRORS: ErrorMap = [
  [
    REFUSALS,
    /limit exceeded,? try again/i,
    {
      stage: 'message',
      code: 'rate_limited',
      fault: 'vendor',
      retryable: true,
      hint: 'Mailgun’s rate limit for this domain was exceeded. Wait, then try again.',
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
      hint: 'The Mailgun account has used up its sending limit. Wait until it resets, or have the limit raised.',
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
      hint: 'Mailgun has not verified the domain. Set the DNS records that it shows for the domain, then verify it there.',
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
      hint: 'This domain or account can only send to authorized recipients. Use a domain of your own, or authorize the recipient at Mailgun.',
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
      hint: 'Mailgun does not allow this domain to send. Read its reply, and check the account there.',
    },
  ],
  [[400], /.*/, refusedParameter],
  [
    [402],
    /.*/,
    {
      code: 'message_rejected',
      fault: 'vendor',
      hint: 'Mailgun failed although the request is valid. Read its reply, and check the account there.',
    },
  ],
  [
    [403],
    /.*/,
    {
      stage: 'message',
      hint: 'The API key lacks a permission. Use a sending key of this domain, or an account key with the role Admin or Developer.',
    },
  ],
  [
    [404],
    /domain not found/i,
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'configuration',
      hint: 'Mailgun has no such domain in this region. Enter the domain as Mailgun lists it, and select the region in which it was created.',
    },
  ],
  [[404, 405], /.*/, { hint: 'Mailgun does not know this API call. Check the base URL.' }],
  [[413], /.*/, { hint: 'The message is too large for Mailgun. Send smaller attachments.' }],
];

function refusedParameter(words: string): MappedError {
  const pointer = messagePointer(words);
  if (pointer === undefined) return { fault: 'sender', hint: 'Mailgun rejected the message. Read its reply.' };
  const hint = 'Mailgun rejected a part of the message. Read its reply and correct that part.';
  if (/^\/(?:to|cc|bcc)$/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer === '/from' ? 'sender' : 'message', fault: 'sender', hint, pointer };
}
