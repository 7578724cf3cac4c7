import {
  type AdapterError,
  type AdapterErrorDetails,
  createScrubber,
  type HttpResponse,
  statusError,
} from '@score-crm/adapter-kit';
import type { SendgridSettings } from '../settings/sendgrid.settings.ts';
import { messagePointer } from './message-pointer.ts';
import { rateLimitWait } from './rate-limit.ts';
import { type VendorFault, vendorFaults } from './vendor-fault.ts';

type Meaning = Partial<AdapterErrorDetails>;

/**
 * What the vendor's statuses mean where `statusError` cannot know.
 * https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
const MEANINGS: readonly (readonly [status: number, words: RegExp, meaning: Meaning])[] = [
  [
    401,
    /credits? exceeded/i,
    {
      stage: 'message',
      code: 'quota_exceeded',
      fault: 'vendor',
      retryable: true,
      hint: 'The SendGrid account has used up its credits; the key is fine. Wait for new credits, or buy more.',
    },
  ],
  [401, /.*/, { hint: 'SendGrid refused the API key. Enter a valid one, and choose the region that it was made in.' }],
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
      hint: 'The API key may not do this. Give it the permission “Mail Send” at SendGrid, and check that its IP access management lets this server in.',
    },
  ],
  [404, /.*/, { hint: 'SendGrid knows no such call. Check the base URL.' }],
  [405, /.*/, { hint: 'SendGrid knows no such call. Check the base URL.' }],
  [413, /.*/, { hint: 'The message is too large for SendGrid. Send smaller attachments.' }],
];

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: SendgridSettings): AdapterError {
  const scrub = createScrubber([settings.apiKey, settings.webhookSigningKey ?? '']);
  const faults = scrub(vendorFaults(response));
  const words = faults.map(({ message }) => message).join(' ') || scrub(response.text()).trim();
  const known = MEANINGS.find(([status, pattern]) => status === response.status && pattern.test(words));
  const retryAfterMs = response.status === 429 ? rateLimitWait(response) : undefined;
  return statusError(response, {
    ...known?.[2],
    ...(response.status === 400 ? refusedField(faults) : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(words === '' ? {} : { reply: words }),
  });
}

function refusedField(faults: readonly VendorFault[]): Meaning {
  const [pointer] = faults.flatMap(({ field }) => (field === undefined ? [] : (messagePointer(field) ?? [])));
  if (pointer === undefined) return { fault: 'sender', hint: 'SendGrid refused the message. Read its reply.' };
  const hint = 'SendGrid refused a part of the message. Read its reply and correct that part.';
  if (/^\/(to|cc|bcc)\b/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer.startsWith('/from') ? 'sender' : 'message', fault: 'sender', hint, pointer };
}
