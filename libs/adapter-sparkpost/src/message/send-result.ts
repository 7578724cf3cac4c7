import { randomUUID } from 'node:crypto';
import {
  AdapterError,
  type EmailMessage,
  type HttpResponse,
  type JsonItem,
  omitUndefined,
  recipientsOf,
  type SendResult,
  textOf,
} from '@score-crm/adapter-kit';
import { faultsOf } from '../api/vendor-fault.ts';
import { settingsScrubber } from '../settings/settings-scrubber.ts';
import type { SparkpostSettings } from '../settings/sparkpost.settings.ts';
import { refusedRecipients } from './refused-recipients.ts';

interface Results {
  readonly id: string | undefined;
  readonly accepted: number;
  readonly rejected: number;
  /** The texts about the rejected recipients. */
  readonly words: readonly string[];
}

/**
 * Returns the outcome of a transmission. Even a success may have rejected recipients.
 * @throws AdapterError `recipient_rejected` if all were rejected, `invalid_response` if the response is not from
 *   SparkPost
 */
export function sendResult(message: EmailMessage, settings: SparkpostSettings, response: HttpResponse): SendResult {
  const { id, accepted, rejected, words } = readResults(response);
  const reply = settingsScrubber(settings)(words);
  if (accepted === 0) throw allRefused(reply.join(' '));
  // The message is being sent anyway: an error would lead to a second attempt. No event will match this id.
  const messageId = id ?? `untracked-${randomUUID()}`;
  const all = recipientsOf(message);
  const refused = rejected === 0 ? [] : refusedRecipients(all, rejected, reply);
  const names = new Set(refused.map(({ recipient }) => recipient));
  return { messageId, accepted: all.filter((recipient) => !names.has(recipient)), rejected: refused };
}

function readResults(response: HttpResponse): Results {
  const results = (response.jsonOrUndefined() as { results?: unknown } | null | undefined)?.results;
  const item = (typeof results === 'object' && results !== null ? results : {}) as JsonItem;
  const { total_accepted_recipients: accepted, total_rejected_recipients: rejected, rcpt_to_errors: errors } = item;
  // Never as a number: the ids are larger than a double can hold exactly.
  const id = textOf(item, 'id');
  if (!isCount(accepted) && id === undefined) throw notSparkpost(response);
  return {
    id,
    accepted: isCount(accepted) ? accepted : 1,
    rejected: isCount(rejected) ? rejected : 0,
    words: faultsOf(errors).flatMap((fault) => (fault.words === '' ? [] : [fault.words])),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function allRefused(reply: string): AdapterError {
  return new AdapterError({
    stage: 'recipient',
    code: 'recipient_rejected',
    fault: 'recipient',
    retryable: false,
    hint: 'SparkPost rejected all recipients. Check their addresses.',
    pointer: '/to',
    ...omitUndefined('reply', reply === '' ? undefined : reply),
  });
}

// A proxy or a sign-in page that responds with 200 to every request.
function notSparkpost({ status }: HttpResponse): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status,
    hint: 'The response is not from SparkPost, so the message may not have been sent. Check the region and the base URL.',
  });
}
