import { type Attachment, type EmailMessage, wireMessage } from '@score-crm/adapter-kit';
import { type FormFile, multipart } from '../api/form-body.ts';
import type { FormBody } from '../api/mailgun-api.ts';
import { optionFields, textFields } from './message-fields.ts';

/** Converts the message into the form of `POST /v3/{domain}/messages`. */
export function messageForm(message: EmailMessage, now: number = Date.now()): FormBody {
  const wire = wireMessage(message);
  return multipart([...textFields(wire), ...optionFields(wire, now)], (wire.attachments ?? []).map(fileOf));
}

/**
 * The name of an inline file is its Content-ID: `cid:email.jpg` shows the file `email.jpg`.
 * https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/send-attachments
 */
function fileOf({ filename, content, contentType, contentId }: Attachment): FormFile {
  if (contentId === undefined) return { field: 'attachment', filename, contentType, content };
  return { field: 'inline', filename: contentId, contentType, content };
}
