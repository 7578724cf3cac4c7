import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/;

/** @throws AdapterError `invalid_request`, with the pointer of the attachment's member */
export function checkAttachments({ attachments = [] }: EmailMessage): void {
  for (const [index, { filename, contentType, contentId }] of attachments.entries()) {
    const path = ['attachments', index];
    if (filename === '') refuseMember('invalid_request', [...path, 'filename'], 'An attachment needs a file name.');
    checkLine(filename, [...path, 'filename']);
    checkLine(contentType, [...path, 'contentType']);
    if (!MEDIA_TYPE.test(contentType)) {
      refuseMember('invalid_request', [...path, 'contentType'], 'Name a media type such as application/pdf.');
    }
    checkLine(contentId ?? '', [...path, 'contentId']);
    if (contentId === '') {
      refuseMember('invalid_request', [...path, 'contentId'], 'Name the image’s id, or leave it out.');
    }
  }
}
