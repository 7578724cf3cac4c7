import { randomUUID } from 'node:crypto';
import {
  AdapterError,
  type EmailMessage,
  type HttpResponse,
  recipientsOf,
  type SendResult,
} from '@score-crm/adapter-kit';

/**
 * SendGrid accepts or rejects a message as a whole: it responds with 202, without a body and with the id in
 * `X-Message-Id`.
 * @throws AdapterError `invalid_response` if the response is not from SendGrid
 */
export function sendResult(message: EmailMessage, response: HttpResponse): SendResult {
  return { messageId: messageId(response), accepted: recipientsOf(message), rejected: [] };
}

function messageId(response: HttpResponse): string {
  const id = response.header('x-message-id')?.trim() ?? '';
  if (id !== '') return id;
  // The message is being sent anyway: an error would lead to a second attempt. No event will match this id.
  if (response.status === 202 && response.body.length === 0) return `untracked-${randomUUID()}`;
  // A proxy or a sign-in page that responds with 200 to every request.
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status: response.status,
    hint: 'The response is not from SendGrid, so the message may not have been sent. Check the base URL.',
  });
}
