import { checkLine } from './check-line.ts';
import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

/**
 * @throws AdapterError `invalid_request` for metadata that are not texts, have no name or hold a control character: not
 *   every vendor returns a line break as it was given
 */
export function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    const path = ['metadata', key];
    if (key === '' || typeof value !== 'string') {
      refuseMember('invalid_request', path, 'Metadata must be texts, and each needs a name.');
    }
    checkLine(key, path);
    checkLine(value, path);
  }
}

/** @throws AdapterError `invalid_request` for tags that vendors would change: with control characters or outer blanks */
export function checkTagTexts({ tags = [] }: EmailMessage): void {
  for (const [index, tag] of tags.entries()) {
    checkLine(tag, ['tags', index]);
    if (tag === tag.trim()) continue;
    refuseMember('invalid_request', ['tags', index], 'The tag starts or ends with a blank. Remove it.');
  }
}
