import { type AdapterError, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import { settingsScrubber } from '../settings/settings-scrubber.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { BY_CODE, BY_STATUS, type MappedError } from './error-map.ts';
import { messagePointer } from './message-pointer.ts';
import { type VendorFault, vendorFaults } from './vendor-fault.ts';

const TARGET_FAILED = /POST to webhook \w+ URL failed/i;

/** The permission that a key needs for each resource, as named in the console. */
const PERMISSIONS = {
  account: 'Account: Read',
  'sending-domains': 'Sending Domains: Read',
  transmissions: 'Transmissions: Read/Write',
  webhooks: 'Event Webhooks: Read/Write',
} as const;

export type Resource = keyof typeof PERMISSIONS;

/**
 * Returns the error for a response that is not a success. Its `reply` contains the vendor's text without the settings'
 * secrets.
 */
export function responseError(response: HttpResponse, settings: SparkpostSettings, resource: Resource): AdapterError {
  const scrub = settingsScrubber(settings);
  const faults = scrub(vendorFaults(response));
  const words = faults.flatMap((fault) => (fault.words === '' ? [] : [fault.words])).join(' ');
  const reply = words === '' ? scrub(response.text()).trim() : words;
  return statusError(response, {
    ...mappedError(response.status, faults, words, resource),
    ...retryAfter(response),
    ...(reply === '' ? {} : { reply }),
  });
}

function mappedError(status: number, faults: readonly VendorFault[], words: string, resource: Resource): MappedError {
  const [known] = faults.flatMap(({ code = '' }) => BY_CODE.get(code) ?? []);
  if (known !== undefined) return known;
  if (TARGET_FAILED.test(words)) return unreachable(faults);
  if (status === 403) return { stage: 'message', hint: mayNot(PERMISSIONS[resource]) };
  if (status === 400 || status === 422) return resource === 'webhooks' ? REFUSED_WEBHOOK : refusedMember(words);
  return BY_STATUS.get(status) ?? {};
}

/** https://support.sparkpost.com/docs/faq/post-to-webhook-target-failed */
function unreachable(faults: readonly VendorFault[]): MappedError {
  const [status] = faults.flatMap(({ targetStatus }) => targetStatus ?? []);
  const what = status === undefined ? 'got no response' : `got the status ${String(status)}`;
  return {
    stage: 'webhook',
    code: 'webhook_unreachable',
    fault: 'configuration',
    retryable: false,
    hint: `SparkPost posted a test to the webhook URL and ${what} instead of 200. Make the URL reachable from the internet, by HTTPS on port 443.`,
  };
}

const REFUSED_WEBHOOK: MappedError = { hint: 'SparkPost rejected the webhook. Read its reply.' };

function mayNot(permission: string): string {
  return `SparkPost denied access. Grant the API key “${permission}”, and check that the account’s plan includes it and that the account is not suspended.`;
}

function refusedMember(words: string): MappedError {
  const pointer = messagePointer(words);
  if (pointer === undefined) return { fault: 'sender', hint: 'SparkPost rejected the message. Read its reply.' };
  const hint = 'SparkPost rejected a part of the message. Read its reply and correct that part.';
  if (pointer === '/to') return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer === '/from' ? 'sender' : 'message', fault: 'sender', hint, pointer };
}

/** A time reported by the vendor takes precedence over the rule. */
function retryAfter(response: HttpResponse): MappedError {
  const { retryAfterMs } = statusError(response).details;
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
