import type { EmailMessage } from '@score-crm/adapter-kit';

const LINE = 76;
/** Headers and boundaries of one part. */
const PART = 300;

/** About how large the MIME message will be that SMTP.com makes: it encodes all parts as base64 unless told otherwise. */
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
