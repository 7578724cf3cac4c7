import { hash } from 'node:crypto';
import type { EmailMessage } from './email-message.ts';

/**
 * Returns a digest of a message without some of its members, for `BatchParts.key`: messages with the same digest differ at most in
 * these members. Attachments are compared by their contents.
 * @example
 * key: (message) => contentKey(message, ['to', 'metadata']),
 */
export function contentKey(message: EmailMessage, own: readonly (keyof EmailMessage)[]): string {
  const shared = Object.entries(message).filter(([member]) => !own.includes(member as keyof EmailMessage));
  const { attachments = [], ...content } = Object.fromEntries(shared) as Partial<EmailMessage>;
  const files = attachments.map((file) => ({ ...file, content: hash('sha256', file.content) }));
  return hash('sha256', JSON.stringify([content, files]));
}
