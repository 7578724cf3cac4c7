import { AdapterError } from '@score-crm/adapter-kit';
import { multipart } from '../api/form-body.ts';
import { MAIL_ERRORS } from '../api/mail-error-map.ts';
import type { MailgunApi } from '../api/mailgun-api.ts';
import { responseError } from '../api/response-error.ts';
import { vendorWords } from '../api/vendor-words.ts';
import { NOTHING_TO_SEND } from '../assumptions.ts';
import { messagesPath } from '../message/messages-path.ts';
import type { MailgunSettings } from '../settings/mailgun.settings.ts';

/**
 * Checks whether the key can send, with an empty message without recipients: Mailgun rejects it after accepting the
 * key. It is free of charge, while a message in test mode is charged.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/test-mode
 * @throws AdapterError if the key cannot send
 */
export async function probeSending(
  api: MailgunApi,
  settings: MailgunSettings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const form = multipart([['o:testmode', 'yes']]);
  const response = await api.request(settings, { method: 'POST', path: messagesPath(settings.domain), form, signal });
  if (response.status === 400 && NOTHING_TO_SEND.test(vendorWords(response))) return;
  if (!response.ok) throw responseError(response, settings, MAIL_ERRORS);
  throw new AdapterError({
    stage: 'message',
    code: 'invalid_response',
    fault: 'configuration',
    retryable: false,
    status: response.status,
    hint: 'The response to an empty message is not from Mailgun. Check the domain and the base URL.',
  });
}
