import type { EmailMessage } from '@score-crm/adapter-kit';

const LINE = 76;
/** Headers and boundaries of one part. */
const PART = 300;

/** Estimates the size of the MIME message that SMTP.com creates: by default it encodes all parts as base64. */
export function mimeSize({ text = '', html = '', attachments = [] }: EmailMessage): number {
  const parts = [
    Buffer.byteLength(text),
    Buffer.byteLength(html),
    ...attachments.map(({ content }) => content.byteLength),
  ];
  return parts.reduce((size, bytes) => size + PART + encodedSize(bytes), 0);
}

function encodedSize(bytes: number): number {
  const characters = Math.ceil(bytes / 3) * 4;
  return characters + Math.ceil(characters / LINE) * 2;
}
