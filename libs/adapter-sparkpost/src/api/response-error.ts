import { type AdapterError, type HttpResponse, statusError } from '@score-crm/adapter-kit';
import { settingsScrubber } from '../settings/settings-scrubber.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { BY_CODE, BY_STATUS, type Meaning } from './meanings.ts';
import { messagePointer } from './message-pointer.ts';
import { type VendorFault, vendorFaults } from './vendor-fault.ts';

const TARGET_FAILED = /POST to webhook \w+ URL failed/i;

/** What a key needs for each resource, in the console's words. */
const PERMISSIONS = {
  account: 'Account: Read',
  'sending-domains': 'Sending Domains: Read',
  transmissions: 'Transmissions: Read/Write',
  webhooks: 'Event Webhooks: Read/Write',
} as const;

export type Resource = keyof typeof PERMISSIONS;

/** The error for an answer that is no success. Its `reply` holds the vendor's words without the settings' secrets. */
export function responseError(response: HttpResponse, settings: SparkpostSettings, resource: Resource): AdapterError {
  const scrub = settingsScrubber(settings);
  const faults = scrub(vendorFaults(response));
  const words = faults.flatMap((fault) => (fault.words === '' ? [] : [fault.words])).join(' ');
  const reply = words === '' ? scrub(response.text()).trim() : words;
  return statusError(response, {
    ...meaningOf(response.status, faults, words, resource),
    ...retryAfter(response),
    ...(reply === '' ? {} : { reply }),
  });
}

function meaningOf(status: number, faults: readonly VendorFault[], words: string, resource: Resource): Meaning {
  const [known] = faults.flatMap(({ code = '' }) => BY_CODE.get(code) ?? []);
  if (known !== undefined) return known;
  if (TARGET_FAILED.test(words)) return unreachable(faults);
  if (status === 403) return { stage: 'message', hint: mayNot(PERMISSIONS[resource]) };
  if (status === 400 || status === 422) return resource === 'webhooks' ? REFUSED_WEBHOOK : refusedMember(words);
  return BY_STATUS.get(status) ?? {};
}

/** https://support.sparkpost.com/docs/faq/post-to-webhook-target-failed */
function unreachable(faults: readonly VendorFault[]): Meaning {
  const [status] = faults.flatMap(({ targetStatus }) => targetStatus ?? []);
  const what = status === undefined ? 'got no answer' : `got the answer ${String(status)}`;
  return {
    stage: 'webhook',
    code: 'webhook_unreachable',
    fault: 'configuration',
    retryable: false,
    hint: `SparkPost posted a test to the webhook’s address and ${what}, where it wants 200. The address must be reachable from the internet, by https on port 443.`,
  };
}

const REFUSED_WEBHOOK: Meaning = { hint: 'SparkPost refused the webhook. Read its reply.' };

function mayNot(permission: string): string {
  return `The API key may not do this. Give it the permission “${permission}” at SparkPost, and check that the account’s plan has it and that the account is not suspended.`;
}

function refusedMember(words: string): Meaning {
  const pointer = messagePointer(words);
  if (pointer === undefined) return { fault: 'sender', hint: 'SparkPost refused the message. Read its reply.' };
  const hint = 'SparkPost refused a part of the message. Read its reply and correct that part.';
  if (pointer === '/to') return { stage: 'recipient', fault: 'recipient', hint, pointer };
  return { stage: pointer === '/from' ? 'sender' : 'message', fault: 'sender', hint, pointer };
}

/** A time that the vendor tells wins over the rule. */
function retryAfter(response: HttpResponse): Meaning {
  const { retryAfterMs } = statusError(response).details;
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
