import type { Attachment, EmailMessage } from '@score-crm/adapter-kit';
import { optionFields, textFields } from './message-fields.ts';

/** The message as the form of `POST /v3/{domain}/messages`. */
export function messageForm(message: EmailMessage, now: number = Date.now()): FormData {
  const form = new FormData();
  for (const [name, value] of [...textFields(message), ...optionFields(message, now)]) form.append(name, value);
  for (const attachment of message.attachments ?? []) append(form, attachment);
  return form;
}

/**
 * The name of an inline file is its Content-ID: `cid:email.jpg` shows the file `email.jpg`.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-attachments
 */
function append(form: FormData, { filename, content, contentType, contentId }: Attachment): void {
  const file = new Blob([Uint8Array.from(content)], { type: contentType });
  if (contentId === undefined) form.append('attachment', file, filename);
  else form.append('inline', file, contentId);
}
