import {
  AdapterError,
  checkAscii,
  checkAttachments,
  checkHeaders,
  checkMailboxes,
  checkMetadata,
  checkRecipients,
  checkText,
  type EmailMessage,
  refuseMember,
} from '@score-crm/adapter-kit';
import { METADATA_LINE } from '../assumptions.ts';
import { isReservedField } from '../webhooks/reserved-fields.ts';
import { LIMITS } from './limits.ts';
import { mimeSize } from './mime-size.ts';
import { uniqueArgs } from './unique-args.ts';

/**
 * Rejects what the vendor would reject or silently drop, before anything is sent.
 * @throws AdapterError `unsupported`, `invalid_request` or `message_too_large`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage): void {
  checkMailboxes(message);
  checkRecipients(message, 'SMTP.com', LIMITS.recipients);
  checkText(message, 'SMTP.com');
  checkSubject(message);
  checkAscii(message, 'SMTP.com');
  checkHeaders(message);
  checkAttachments(message);
  checkMediaTypes(message);
  checkMetadata(message);
  checkUniqueArgs(message);
  checkCapabilities(message);
  if (mimeSize(message) > LIMITS.bytes) throw tooLarge();
}

function checkSubject({ subject }: EmailMessage): void {
  if (subject.length <= LIMITS.subjectCharacters) return;
  const hint = `A subject can have at most ${String(LIMITS.subjectCharacters)} characters. Shorten it.`;
  refuseMember('invalid_request', ['subject'], hint);
}

function checkMediaTypes({ attachments = [] }: EmailMessage): void {
  for (const [index, { contentType }] of attachments.entries()) {
    if (!/^message\/rfc822\b/i.test(contentType)) continue;
    const hint = 'SMTP.com does not accept messages as attachments. Send the file with another type.';
    refuseMember('unsupported', ['attachments', index, 'contentType'], hint);
  }
}

function checkUniqueArgs({ metadata = {} }: EmailMessage): void {
  for (const key of Object.keys(metadata)) {
    // Events contain the metadata next to their own fields, on one level: one of the same name would hide the other.
    if (!isReservedField(key)) continue;
    const hint = 'SMTP.com’s events have a field of this name. Choose another name.';
    refuseMember('unsupported', ['metadata', key], hint);
  }
  if (uniqueArgs(metadata).length > METADATA_LINE) {
    const hint = `SMTP.com accepts at most ${String(METADATA_LINE)} characters of metadata, encoded as one header. Send less.`;
    refuseMember('unsupported', ['metadata'], hint);
  }
}

function checkCapabilities({ replyTo = [], tags = [], sendAt }: EmailMessage): void {
  if (replyTo.length > 1) {
    refuseMember('unsupported', ['replyTo', 1], 'SMTP.com accepts only one reply-to address. Remove the others.');
  }
  if (tags.length > 0) {
    refuseMember('unsupported', ['tags'], 'SMTP.com does not support tags. Remove them, or send them as metadata.');
  }
  if (sendAt !== undefined) {
    refuseMember('unsupported', ['sendAt'], 'SMTP.com does not support scheduling. Remove the time.');
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
