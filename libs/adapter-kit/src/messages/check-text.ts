import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

/**
 * What the APIs of vendors ask of subject and text.
 * @param vendor the vendor's display name
 * @throws AdapterError `invalid_request` for a message without a subject, or with neither text nor HTML
 */
export function checkText({ subject, text = '', html = '' }: EmailMessage, vendor: string): void {
  if (subject === '') refuseMember('invalid_request', ['subject'], `${vendor} wants a subject. Give the message one.`);
  checkLine(subject, ['subject']);
  if (text === '' && html === '') {
    const hint = `${vendor} wants a text or HTML. Give the message one of them.`;
    refuseMember('invalid_request', ['text'], hint);
  }
}
