import { randomUUID } from 'node:crypto';
import { type EmailMessage, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import type { JsonObject } from '../api/envelope.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { PATHS } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { checkMessage } from './check-message.ts';
import { messageJson } from './message-json.ts';

/**
 * `POST /v4/messages`. SMTP.com accepts or rejects a message as a whole; callbacks report later failures.
 * @throws AdapterError
 */
export async function sendMessage(
  api: SmtpcomApi,
  settings: SmtpcomSettings,
  message: EmailMessage,
  signal: AbortSignal | undefined,
): Promise<SendResult> {
  checkMessage(message);
  const body = messageJson(message, settings.channel);
  const data = await api.call(settings, { method: 'POST', path: PATHS.messages, body, signal });
  return { messageId: messageId(data), accepted: recipientsOf(message), rejected: [] };
}

/** The id is in a separate field, as documented, or in a sentence, as in production. */
function messageId({ msg_id: id, message: sentence }: JsonObject): string {
  const found = typeof id === 'string' && id !== '' ? id : inSentence(sentence);
  // The message is being sent anyway: an error would lead to a second attempt. No event will match this id.
  return found ?? `untracked-${randomUUID()}`;
}

function inSentence(sentence: unknown): string | undefined {
  return typeof sentence === 'string' ? /msg_id:\s*([\w.-]*\w)/i.exec(sentence)?.[1] : undefined;
}
