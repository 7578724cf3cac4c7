import { randomUUID } from 'node:crypto';

/** A field of a form. Names may repeat. */
export type FormField = readonly [name: string, value: string];

/** A file of a form. */
export interface FormFile {
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/**
 * The serialized body of a form.
 * @example
 * await api.call(settings, { method: 'POST', path: '/messages', body: FormBody.multipart([['to', 'a@example.com']]) });
 */
export class FormBody {
  private constructor(
    /** The `Content-Type` of the request. */
    readonly type: string,
    readonly bytes: Uint8Array,
  ) {}

  /** Serializes fields as `application/x-www-form-urlencoded`. */
  static urlEncoded(fields: readonly FormField[]): FormBody {
    const text = new URLSearchParams(fields as [string, string][]).toString();
    return new FormBody('application/x-www-form-urlencoded', Buffer.from(text));
  }

  /**
   * Serializes fields and files as `multipart/form-data` (RFC 7578), with file names in UTF-8: not all vendors read
   * `filename*` (https://github.com/anymail/django-anymail/issues/125). Implemented here, since `FormData` lowercases
   * media types, drops those that are not ASCII, and turns line feeds into CRLF.
   */
  static multipart(fields: readonly FormField[], files: readonly FormFile[] = []): FormBody {
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
    return new FormBody(`multipart/form-data; boundary=${boundary}`, Buffer.concat(chunks));
  }
}

function disposition(name: string): string {
  return `Content-Disposition: form-data; name="${quoted(name)}"`;
}

/** As browsers do: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function quoted(text: string): string {
  return text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
