import { randomUUID } from 'node:crypto';
import type { FormBody } from './mailgun-api.ts';

export type FormField = readonly [name: string, value: string];

export interface FormFile {
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/**
 * Serializes fields as `multipart/form-data` (RFC 7578), with file names in UTF-8: with `filename*`, Mailgun loses the
 * attachment (https://github.com/anymail/django-anymail/issues/125). Implemented here, since `FormData` lowercases
 * media types, drops those that are not ASCII, and turns line feeds into CRLF.
 */
export function multipart(fields: readonly FormField[], files: readonly FormFile[] = []): FormBody {
  const boundary = `form-${randomUUID()}`;
  const chunks: Uint8Array[] = [];
  const add = (headers: readonly string[], content: Uint8Array): void => {
    chunks.push(Buffer.from(`--${boundary}\r\n${headers.join('\r\n')}\r\n\r\n`), content, Buffer.from('\r\n'));
  };
  for (const [name, value] of fields) add([disposition(name)], Buffer.from(value));
  for (const { field, filename, contentType, content } of files) {
    add([`${disposition(field)}; filename="${quoted(filename)}"`, `Content-Type: ${contentType}`], content);
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(chunks) };
}

/** Serializes fields as `application/x-www-form-urlencoded`. */
export function urlEncoded(fields: URLSearchParams): FormBody {
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(fields.toString()) };
}

function disposition(name: string): string {
  return `Content-Disposition: form-data; name="${quoted(name)}"`;
}

/** As browsers do: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function quoted(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
