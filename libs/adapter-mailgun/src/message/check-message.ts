import {
  AdapterError,
  checkAscii,
  checkAttachments,
  checkHeaders,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkTagTexts,
  checkText,
  type EmailMessage,
  refuseMember,
  wireMessage,
} from '@score-crm/adapter-kit';
import { checkOptions } from './check-options.ts';
import { LIMITS } from './limits.ts';
import { mimeSize } from './mime-size.ts';

/**
 * Rejects what the vendor would reject or silently drop, before anything is sent.
 * @throws AdapterError `unsupported`, `invalid_request` or `message_too_large`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, now: number = Date.now()): void {
  checkMailboxes(message);
  checkAscii(message, 'Mailgun');
  checkRecipients(message, 'Mailgun', LIMITS.recipients);
  checkText(message, 'Mailgun');
  // The events would have another id than the response.
  checkHeaders(message, (name) => name === 'message-id');
  checkAttachments(message);
  checkFileNames(message);
  checkTagTexts(message);
  checkMetadata(message);
  checkOptions(wireMessage(message), now);
  if (mimeSize(message) > LIMITS.bytes) throw tooLarge();
}

/** A form cannot express it in a way that all servers parse. */
function checkFileNames({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename }] of attachments.entries()) {
    const hint = 'Mailgun does not support quotation marks in file names. Use another name.';
    if (filename.includes('"')) refuseMember('unsupported', ['attachments', index, 'filename'], hint);
  }
}

function tooLarge(): AdapterError {
  return new AdapterError({
    stage: 'message',
    code: 'message_too_large',
    fault: 'configuration',
    retryable: false,
    hint: `With its attachments the message is larger than ${String(LIMITS.bytes)} bytes. Send smaller attachments.`,
  });
}
