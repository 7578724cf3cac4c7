import { type AdapterError, type AdapterErrorDetails, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import { QUOTA, UNVERIFIED_SENDER } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { envelopeOf } from './envelope.ts';
import { messagePointer } from './message-pointer.ts';
import { scrubberOf } from './scrubber.ts';
import { type VendorFault, vendorFaults } from './vendor-faults.ts';

type Meaning = Partial<AdapterErrorDetails>;

/** What the vendor's statuses mean where `statusError` cannot know. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [401, { hint: 'SMTP.com refused the API key. Enter a valid one: it is made under Account, API Keys.' }],
  [
    403,
    {
      stage: 'message',
      hint: 'SMTP.com does not let this API key do that. Check there that the account is active.',
    },
  ],
  [404, { hint: 'SMTP.com knows no such call. Check the base URL.' }],
  [405, { hint: 'SMTP.com knows no such call. Check the base URL.' }],
  [413, { hint: 'The message is too large for SMTP.com. Send smaller attachments.' }],
]);

const UNKNOWN_CHANNEL: Meaning = {
  hint: 'SMTP.com does not take the channel. Enter its exact name, as SMTP.com shows it under Channels.',
  pointer: '/channel',
};
const QUOTA_EXCEEDED: Meaning = {
  code: 'quota_exceeded',
  fault: 'vendor',
  retryable: true,
  hint: 'The quota at SMTP.com is used up. Wait for the next period, or raise the quota there.',
};
const TROUBLE: Meaning = {
  code: 'temporarily_unavailable',
  fault: 'vendor',
  retryable: true,
  hint: 'SMTP.com has trouble. Try again later.',
};

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: SmtpcomSettings): AdapterError {
  const scrub = scrubberOf(settings);
  const faults = scrub(vendorFaults(response));
  const words = faults.map(inWords).join('; ') || scrub(response.text()).trim();
  return statusError(response, {
    ...meaningOf(response, faults),
    ...(words === '' ? {} : { reply: words }),
  });
}

function inWords({ field, message }: VendorFault): string {
  return field === undefined ? message : `${field}: ${message}`;
}

function meaningOf(response: HttpResponse, faults: readonly VendorFault[]): Meaning {
  if (response.status === 400) return refusal(faults);
  if (!response.ok) return MEANINGS.get(response.status) ?? {};
  // A refusal that comes as a success.
  return envelopeOf(response)?.status === 'error' ? TROUBLE : refusal(faults);
}

function refusal(faults: readonly VendorFault[]): Meaning {
  if (faults.some(({ message }) => QUOTA.test(message))) return QUOTA_EXCEEDED;
  if (faults.some(({ field }) => field === 'channel')) return UNKNOWN_CHANNEL;
  const [refused] = faults.flatMap(({ field = '', message }) => {
    const pointer = messagePointer(field);
    return pointer === undefined ? [] : [refusedMember(pointer, message)];
  });
  return refused ?? { fault: 'sender', hint: 'SMTP.com refused the request. Read its reply.' };
}

function refusedMember(pointer: string, message: string): Meaning {
  const hint = 'SMTP.com refused a part of the message. Read its reply and correct that part.';
  if (/^\/(?:to|cc|bcc)\b/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  if (!pointer.startsWith('/from')) return { stage: 'message', fault: 'sender', hint, pointer };
  if (!UNVERIFIED_SENDER.test(message)) return { stage: 'sender', fault: 'sender', hint, pointer };
  return {
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    hint: 'SMTP.com does not let this sender send. Verify its domain there, or use another sender.',
    pointer,
  };
}
