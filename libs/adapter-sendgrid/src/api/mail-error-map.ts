import { messagePointer } from './message-pointer.ts';
import type { MappedError, ErrorMap } from './response-error.ts';
import type { VendorFault } from './vendor-fault.ts';

/**
 * The errors for rejections of a message, or of a request about the account.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
export const MAIL_ERRORS: ErrorMap = [
  [400, /.*/, refusedField],
  [
    403,
    /verified sender identity/i,
    {
      stage: 'sender',
      code: 'sender_not_verified',
      fault: 'sender',
      hint: 'SendGrid has not verified the sender. Verify the address or its domain there (Settings, Sender Authentication), or use another sender.',
    },
  ],
  [
    403,
    /.*/,
    {
      stage: 'message',
      hint: 'The API key lacks a permission. Grant it “Mail Send” at SendGrid, and check that IP access management allows this server.',
    },
  ],
  [404, /.*/, { hint: 'SendGrid does not know this API call. Check the base URL.' }],
  [405, /.*/, { hint: 'SendGrid does not know this API call. Check the base URL.' }],
  [413, /.*/, { hint: 'The message is too large for SendGrid. Send smaller attachments.' }],
];

function refusedField(faults: readonly VendorFault[]): MappedError {
  const [pointer] = faults.flatMap(({ field }) => (field === undefined ? [] : (messagePointer(field) ?? [])));
  if (pointer === undefined) return { fault: 'sender', hint: 'SendGrid rejected the message. Read its reply.' };
  const hint = 'SendGrid rejected a part of the message. Read its reply and correct that part.';
  if (/^\/(to|cc|bcc)\b/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer.startsWith('/from') ? 'sender' : 'message', fault: 'sender', hint, pointer };
}
