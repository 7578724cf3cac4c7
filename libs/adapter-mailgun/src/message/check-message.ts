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
 * Refuses what the vendor would refuse, or lose without a word, before anything is sent.
 * @throws AdapterError `unsupported`, `invalid_request` or `message_too_large`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, now: number = Date.now()): void {
  checkMailboxes(message);
  checkAscii(message, 'Mailgun');
  checkRecipients(message, 'Mailgun', LIMITS.recipients);
  checkText(message, 'Mailgun');
  // The events would carry another id than the answer.
  checkHeaders(message, (name) => name === 'message-id');
  checkAttachments(message);
  checkFileNames(message);
  checkTagTexts(message);
  checkMetadata(message);
  checkOptions(wireMessage(message), now);
  if (mimeSize(message) > LIMITS.bytes) throw tooLarge();
}

/** A form has no way to write it that all servers read. */
function checkFileNames({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename }] of attachments.entries()) {
    const hint = 'Mailgun’s forms carry no quotation mark in the name of a file. Use another name.';
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
