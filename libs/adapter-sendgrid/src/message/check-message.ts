import type { EmailMessage } from '@score-crm/adapter-kit';
import { isReservedField } from '../webhooks/reserved-fields.ts';
import { checkHeaders } from './check-headers.ts';
import { checkMailboxes } from './check-recipients.ts';
import { LIMITS } from './limits.ts';
import { type Path, refuse } from './refuse.ts';

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;

/**
 * Refuses what the vendor would refuse, or lose without a word, before anything is sent.
 * @throws AdapterError `unsupported` or `invalid_request`, with the pointer of the member
 */
export function checkMessage(message: EmailMessage, now: number = Date.now()): void {
  checkMailboxes(message);
  if (message.subject === '') refuse('invalid_request', ['subject'], 'SendGrid wants a subject. Give the message one.');
  checkLine(message.subject, ['subject']);
  if (isEmpty(message.text) && isEmpty(message.html)) {
    refuse('invalid_request', ['text'], 'SendGrid wants a text or HTML. Give the message one of them.');
  }
  checkHeaders(message);
  checkAttachments(message);
  checkTags(message);
  checkMetadata(message);
  checkSendAt(message, now);
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}

function checkLine(text: string, path: Path): void {
  if (!CONTROL.test(text)) return;
  refuse('invalid_request', path, 'A line break or another control character is not allowed here. Remove it.');
}

function checkAttachments({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename, content, contentType, contentId }] of attachments.entries()) {
    const path = ['attachments', index];
    if (filename === '') refuse('invalid_request', [...path, 'filename'], 'An attachment needs a file name.');
    if (content.byteLength === 0)
      refuse('invalid_request', [...path, 'content'], 'SendGrid takes no empty attachment.');
    if (!MEDIA_TYPE.test(contentType)) {
      refuse('invalid_request', [...path, 'contentType'], 'Name a media type such as application/pdf.');
    }
    checkLine(filename, [...path, 'filename']);
    checkLine(contentType, [...path, 'contentType']);
    checkLine(contentId ?? '', [...path, 'contentId']);
    if (contentId === '') refuse('invalid_request', [...path, 'contentId'], 'Name the image’s id, or leave it out.');
  }
}

function checkTags({ tags = [] }: EmailMessage): void {
  if (new Set(tags).size > LIMITS.tags) {
    refuse('unsupported', ['tags'], `SendGrid keeps ${String(LIMITS.tags)} tags a message. Leave some out.`);
  }
  for (const [index, tag] of tags.entries()) {
    if (tag === '' || tag.length > LIMITS.tagCharacters) {
      refuse('unsupported', ['tags', index], `A tag has 1 to ${String(LIMITS.tagCharacters)} characters at SendGrid.`);
    }
  }
}

function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (key === '' || typeof value !== 'string') {
      refuse('invalid_request', ['metadata', key], 'Metadata are texts, and each has a name.');
    }
    // Events carry the metadata beside their own fields, on one level: one of the same name would be lost.
    if (isReservedField(key)) {
      refuse('unsupported', ['metadata', key], 'SendGrid’s events have a field of this name. Choose another name.');
    }
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > LIMITS.metadataBytes) {
    refuse('unsupported', ['metadata'], `SendGrid keeps ${String(LIMITS.metadataBytes)} bytes of metadata. Send less.`);
  }
}

function checkSendAt({ sendAt }: EmailMessage, now: number): void {
  if (sendAt === undefined) return;
  if (Number.isNaN(sendAt.getTime())) refuse('invalid_request', ['sendAt'], 'This is no time.');
  if (sendAt.getTime() - now > LIMITS.scheduleMs) {
    refuse('unsupported', ['sendAt'], 'SendGrid schedules 72 hours ahead at most. Choose an earlier time.');
  }
}
