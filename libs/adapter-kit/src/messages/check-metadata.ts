import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

/**
 * Checks the metadata of a message.
 * @throws AdapterError `invalid_request` for metadata that are not strings, have no name or contain a control character
 *   (some vendors return line breaks changed)
 */
export function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key];
    if (key === '' || typeof value !== 'string') {
      refuseMember('invalid_request', path, 'Invalid metadata. Each entry needs a name and a text value.');
    }
    checkLine(key, path);
    checkLine(value, path);
  }
}

/**
 * Checks the text of tags.
 * @throws AdapterError `invalid_request` for tags that vendors would change: with control characters, or leading or
 *   trailing spaces
 */
export function checkTagTexts({ tags = [] }: EmailMessage): void {
  for (const [index, tag] of tags.entries()) {
    checkLine(tag, ['tags', index]);
    if (tag === tag.trim()) continue;
    refuseMember('invalid_request', ['tags', index], 'The tag starts or ends with a space. Remove it.');
  }
}
