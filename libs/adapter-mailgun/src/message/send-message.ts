import {
  AdapterError,
  type EmailMessage,
  type HttpResponse,
  recipientsOf,
  type SendResult,
} from '@score-crm/adapter-kit';
import type { MailgunApi } from '../api/mailgun-api.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';
import { checkMessage } from './check-message.ts';
import { messageForm } from './message-form.ts';
import { bareMessageId } from './message-id.ts';
import { messagesPath } from './messages-path.ts';

/**
 * `POST /v3/{domain}/messages`. Mailgun accepts or rejects a message as a whole, under one id for all recipients.
 * https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
 * @throws AdapterError
 */
export async function sendMessage(
  api: MailgunApi,
  settings: MailgunSettings,
  message: EmailMessage,
  signal: AbortSignal | undefined,
): Promise<SendResult> {
  checkMessage(message);
  const form = messageForm(message);
  const response = await api.call(settings, { method: 'POST', path: messagesPath(settings.domain), form, signal });
  return { messageId: messageId(response), accepted: recipientsOf(message), rejected: [] };
}

function messageId(response: HttpResponse): string {
  const { id } = (response.jsonOrUndefined() ?? {}) as { readonly id?: unknown };
  const bare = typeof id === 'string' ? bareMessageId(id.trim()) : '';
  if (bare !== '') return bare;
  // Mailgun itself responds to an unknown call with 200 and a greeting. https://github.com/anymail/django-anymail,
  // `anymail/backends/mailgun.py`
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status: response.status,
    hint: 'The response has no message ID, so the message may not have been sent. Check the domain and the base URL.',
  });
}
