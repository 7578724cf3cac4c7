import {
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
} from '@score-crm/adapter-kit';
import { isReservedField } from '../webhooks/reserved-fields.ts';
import { LIMITS } from './limits.ts';

/**
 * Rejects what the vendor would reject or silently drop, before anything is sent.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, now: number = Date.now()): void {
  checkMailboxes(message);
  checkRecipients(message, 'SendGrid', LIMITS.recipients);
  checkText(message, 'SendGrid');
  checkAscii(message, 'SendGrid');
  checkHeaders(message);
  checkAttachments(message);
  checkContents(message);
  checkTagTexts(message);
  checkTags(message);
  checkMetadata(message);
  checkArguments(message);
  checkSendAt(message, now);
}

function checkContents({ attachments = [] }: EmailMessage): void {
  for (const [index, { content }] of attachments.entries()) {
    if (content.byteLength > 0) continue;
    refuseMember(
      'invalid_request',
      ['attachments', index, 'content'],
      'SendGrid does not accept empty attachments. Remove this one.',
    );
  }
}

function checkTags({ tags = [] }: EmailMessage): void {
  if (new Set(tags).size > LIMITS.tags) {
    refuseMember(
      'unsupported',
      ['tags'],
      `SendGrid accepts at most ${String(LIMITS.tags)} tags per message. Remove some.`,
    );
  }
  for (const [index, tag] of tags.entries()) {
    if (tag !== '' && tag.length <= LIMITS.tagCharacters) continue;
    const hint = `A tag must have 1 to ${String(LIMITS.tagCharacters)} characters at SendGrid. Change it.`;
    refuseMember('unsupported', ['tags', index], hint);
  }
}

function checkArguments({ metadata = {} }: EmailMessage): void {
  for (const key of Object.keys(metadata)) {
    // Events contain the metadata next to their own fields, on one level: one with the same name would be lost.
    if (!isReservedField(key)) continue;
    const hint = 'SendGrid’s events have a field of this name. Choose another name.';
    refuseMember('unsupported', ['metadata', key], hint);
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > LIMITS.metadataBytes) {
    const hint = `SendGrid accepts at most ${String(LIMITS.metadataBytes)} bytes of metadata. Send less.`;
    refuseMember('unsupported', ['metadata'], hint);
  }
}

function checkSendAt({ sendAt }: EmailMessage, now: number): void {
  if (sendAt === undefined) return;
  if (Number.isNaN(sendAt.getTime()))
    refuseMember('invalid_request', ['sendAt'], 'Invalid time. Enter a valid date and time.');
  if (sendAt.getTime() - now > LIMITS.scheduleMs) {
    const hint = 'SendGrid schedules at most 72 hours ahead. Choose an earlier time.';
    refuseMember('unsupported', ['sendAt'], hint);
  }
}
