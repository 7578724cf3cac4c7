import { type AdapterError, type AdapterErrorDetails, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import { QUOTA, UNVERIFIED_SENDER } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { envelopeOf } from './envelope.ts';
import { messagePointer } from './message-pointer.ts';
import { scrubberOf } from './scrubber.ts';
import { type VendorFault, vendorFaults } from './vendor-faults.ts';

type MappedError = Partial<AdapterErrorDetails>;

/** The errors of statuses for which `statusError` is not specific enough. */
const STATUSES: ReadonlyMap<number, MappedError> = new Map<number, MappedError>([
  [401, { hint: 'SMTP.com rejected the API key. Enter a valid one from Account, API Keys.' }],
  [
    403,
    {
      stage: 'message',
      hint: 'SMTP.com denied access to this API key. Check there that the account is active.',
    },
  ],
  [404, { hint: 'SMTP.com does not know this API call. Check the base URL.' }],
  [405, { hint: 'SMTP.com does not know this API call. Check the base URL.' }],
  [413, { hint: 'The message is too large for SMTP.com. Send smaller attachments.' }],
]);

const UNKNOWN_CHANNEL: MappedError = {
  hint: 'SMTP.com rejected the channel. Enter its exact name, as shown under Channels.',
  pointer: '/channel',
};
const QUOTA_EXCEEDED: MappedError = {
  code: 'quota_exceeded',
  fault: 'vendor',
  retryable: true,
  hint: 'The quota at SMTP.com is used up. Wait for the next period, or raise the quota.',
};
const TROUBLE: MappedError = {
  code: 'temporarily_unavailable',
  fault: 'vendor',
  retryable: true,
  hint: 'SMTP.com is temporarily unavailable. Try again later.',
};

/**
 * Returns the error for a response that is not a success. Its `reply` contains the vendor's text without the settings'
 * secrets.
 */
export function responseError(response: HttpResponse, settings: SmtpcomSettings): AdapterError {
  const scrub = scrubberOf(settings);
  const faults = scrub(vendorFaults(response));
  const words = faults.map(inWords).join('; ') || scrub(response.text()).trim();
  return statusError(response, {
    ...mappedError(response, faults),
    ...(words === '' ? {} : { reply: words }),
  });
}

function inWords({ field, message }: VendorFault): string {
  return field === undefined ? message : `${field}: ${message}`;
}

function mappedError(response: HttpResponse, faults: readonly VendorFault[]): MappedError {
  if (response.status === 400) return refusal(faults);
  if (!response.ok) return STATUSES.get(response.status) ?? {};
  // A rejection whose status is a success.
  return envelopeOf(response)?.status === 'error' ? TROUBLE : refusal(faults);
}

function refusal(faults: readonly VendorFault[]): MappedError {
  if (faults.some(({ message }) => QUOTA.test(message))) return QUOTA_EXCEEDED;
  if (faults.some(({ field }) => field === 'channel')) return UNKNOWN_CHANNEL;
  const [refused] = faults.flatMap(({ field = '', message }) => {
    const pointer = messagePointer(field);
    return pointer === undefined ? [] : [refusedMember(pointer, message)];
  });
  return refused ?? { fault: 'sender', hint: 'SMTP.com rejected the request. Read its reply.' };
}

function refusedMember(pointer: string, message: string): MappedError {
  const hint = 'SMTP.com rejected a part of the message. Read its reply and correct that part.';
  if (/^\/(?:to|cc|bcc)\b/.test(pointer)) return { stage: 'recipient', fault: 'recipient', hint, pointer };
  if (!pointer.startsWith('/from')) return { stage: 'message', fault: 'sender', hint, pointer };
  if (!UNVERIFIED_SENDER.test(message)) return { stage: 'sender', fault: 'sender', hint, pointer };
  return {
    stage: 'sender',
    code: 'sender_not_verified',
    fault: 'sender',
    hint: 'SMTP.com does not allow this sender. Verify its domain there, or use another sender.',
    pointer,
  };
}
