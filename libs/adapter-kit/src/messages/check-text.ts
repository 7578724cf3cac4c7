import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

/**
 * Checks the rules for subject and body that the API vendors share.
 * @param vendor the vendor's display name
 * @throws AdapterError `invalid_request` for a message without a subject, or with neither text nor HTML
 */
export function checkText({ subject, text = '', html = '' }: EmailMessage, vendor: string): void {
  if (subject === '') refuseMember('invalid_request', ['subject'], `${vendor} requires a subject. Add one.`);
  checkLine(subject, ['subject']);
  if (text === '' && html === '') {
    const hint = `${vendor} requires a text or HTML body. Add one.`;
    refuseMember('invalid_request', ['text'], hint);
  }
}
