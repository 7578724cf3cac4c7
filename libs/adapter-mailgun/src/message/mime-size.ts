import type { EmailMessage } from '@score-crm/adapter-kit';

const LINE = 76;
/** Headers and boundaries of one part. */
const PART = 300;

/** Estimates the size of the MIME message that Mailgun creates: attachments are encoded as base64. */
export function mimeSize({ text = '', html = '', attachments = [] }: EmailMessage): number {
  const texts = Buffer.byteLength(text) + Buffer.byteLength(html);
  return attachments.reduce((size, { content }) => size + PART + encodedSize(content.byteLength), texts);
}

function encodedSize(bytes: number): number {
  const characters = Math.ceil(bytes / 3) * 4;
  return characters + Math.ceil(characters / LINE) * 2;
}
