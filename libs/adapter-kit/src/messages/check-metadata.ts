import type { EmailMessage } from './email-message.ts';
import { refuseMember } from './refuse-member.ts';

/** @throws AdapterError `invalid_request` for metadata that are no texts, or have no name */
export function checkMetadata({ metadata = {} }: EmailMessage): void {
  for (const [key, value] of Object.entries(metadata)) {
    if (key !== '' && typeof value === 'string') continue;
    refuseMember('invalid_request', ['metadata', key], 'Metadata are texts, and each has a name.');
  }
}
