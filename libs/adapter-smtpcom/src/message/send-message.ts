import { randomUUID } from 'node:crypto';
import { type EmailMessage, recipientsOf, type SendResult } from '@score-crm/adapter-kit';
import type { JsonObject } from '../api/envelope.ts';
import type { SmtpcomApi } from '../api/smtpcom-api.ts';
import { PATHS } from '../assumptions.ts';
import type { SmtpcomSettings } from '../settings/smtpcom.settings.ts';
import { checkMessage } from './check-message.ts';
import { messageJson } from './message-json.ts';

/**
 * `POST /v4/messages`. SMTP.com accepts a message as a whole; what it later does not deliver, callbacks tell.
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

/** The id stands in a field of its own, as documented, or in a sentence, as it is in production. */
function messageId({ msg_id: id, message: sentence }: JsonObject): string {
  const told = typeof id === 'string' && id !== '' ? id : inSentence(sentence);
  // The mail is on its way all the same: an error would have somebody send it twice. No event will match this id.
  return told ?? `untracked-${randomUUID()}`;
}

function inSentence(sentence: unknown): string | undefined {
  return typeof sentence === 'string' ? /msg_id:\s*([\w.-]*\w)/i.exec(sentence)?.[1] : undefined;
}
