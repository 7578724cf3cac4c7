import { randomUUID } from 'node:crypto';
import {
  AdapterError,
  type EmailMessage,
  type HttpResponse,
  recipientsOf,
  type SendResult,
} from '@score-crm/adapter-kit';

/**
 * SendGrid accepts a message as a whole: it answers 202 without a body and tells the id in `X-Message-Id`.
 * @throws AdapterError `invalid_response` if the answer is none of SendGrid's
 */
export function sendResult(message: EmailMessage, response: HttpResponse): SendResult {
  return { messageId: messageId(response), accepted: recipientsOf(message), rejected: [] };
}

function messageId(response: HttpResponse): string {
  const id = response.header('x-message-id')?.trim() ?? '';
  if (id !== '') return id;
  // The mail is on its way all the same: an error would have somebody send it twice. No event will match this id.
  if (response.status === 202 && response.body.length === 0) return `untracked-${randomUUID()}`;
  // A proxy or a sign-in page that answers 200 to everything.
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status: response.status,
    hint: 'The answer is not that of SendGrid, so whether the message was sent is not known. Check the base URL.',
  });
}
